import type { Part, Stage } from '.';
import { problem } from './problem';
import { past } from './worlds';

const DAY = 24 * 60 * 60 * 1000;

/** The certificates and their files. */
export function certificates({ world }: Stage): Part {
  function find(host: string) {
    const found = world.certificates.find((certificate) => certificate.host === host);
    if (!found)
      throw problem(
        'certificate_missing',
        `there is no certificate for ${host}`,
        `doorcode cert issue ${host}`,
      );
    return found;
  }

  function renew(host: string) {
    const found = find(host);
    const fingerprint = found.fingerprint?.split(':').reverse().join(':') ?? 'AA:BB:CC:DD';
    Object.assign(found, {
      not_before: past(0),
      not_after: past(-825 * DAY),
      days_left: 825,
      fingerprint,
      root_fingerprint: fingerprint,
      problem: null,
    });
    world.stores.forEach((store) => {
      if (store.state !== 'not-installed') Object.assign(store, { state: 'not-trusted', detail: '' });
    });
    world.devices.forEach((device) => (device.trust = 'lost'));
  }

  return {
    certificates: () => world.certificates,
    issue_certificate: ({ host }) => renew(host),
    renew_certificate: ({ host }) => renew(host),
    remove_certificate: ({ host }) => {
      find(host);
      world.certificates = world.certificates.filter((certificate) => certificate.host !== host);
      world.stores.forEach((store) => {
        if (store.state === 'trusted') store.state = 'not-trusted';
      });
    },
    export_certificate: ({ host }) => `/home/you/${find(host).host}.crt`,
  };
}
