import type { Part, Stage } from '.';
import type { CheckResult, OnboardingReply, StoreReport, TestId, TrustReport } from '../types';
import { problem } from './problem';
import { past } from './worlds';

const TESTS: TestId[] = ['secure-context', 'service-worker', 'websocket', 'clipboard'];
const MINUTE = 60_000;
const DEVICE_CHECK = 'c2';

/** What is trusted where, and proving it. */
export function trust({ world, clock, emit }: Stage): Part {
  let answer: (given: { approve?: boolean; secret?: string }) => void = () => {};
  const waitForAnswer = () =>
    new Promise<{ approve?: boolean; secret?: string }>((resolve) => (answer = resolve));
  let check: CheckResult | null = null;

  function report(host: string): TrustReport {
    const fingerprint =
      world.certificates.find((certificate) => certificate.host === host)?.root_fingerprint ?? '';
    return { host, fingerprint, stores: world.stores, leftovers: world.leftovers };
  }

  /** The system's store needs the rights of an administrator: the command is shown, then sudo asks. */
  async function asRoot(line: string): Promise<boolean> {
    emit('trust', { kind: 'command', line });
    if (!(await waitForAnswer()).approve) return false;
    emit('trust', { kind: 'ask', prompt: '[sudo] password for you:' });
    const { secret } = await waitForAnswer();
    if (!secret) return false;
    await clock.wait(500);
    emit('trust', { kind: 'output', text: 'Updating certificates in /etc/ssl/certs...' });
    emit('trust', { kind: 'output', text: '1 added, 0 removed; done.' });
    return true;
  }

  function deviceCheck(): CheckResult {
    const host = 'my.dev.local';
    if (!world.fails.has('trust')) {
      return { state: 'waiting', host, tests: [], device: null, problem: null };
    }
    return {
      state: 'failed',
      host,
      tests: TESTS.map((id) => ({ id, passed: true, detail: '' })),
      device: { name: 'Firefox 153 on Linux', client: '192.168.1.66' },
      problem: problem(
        'check_other_device',
        `Firefox 153 on Linux at 192.168.1.66 opened the check of ${host}, and its address had gone to 192.168.1.44 without encryption: somebody on that network may have opened it in place of the device, so nothing is remembered`,
        `if all of these addresses are the device's, open there what this prints: doorcode trust check --host ${host} --print`,
      ),
    };
  }

  async function change(ids: string[], to: StoreReport['state'], line: string) {
    for (const store of world.stores.filter(({ id }) => ids.includes(id))) {
      await clock.wait(400);
      store.problem = null;
      if (store.store === 'system' && !(await asRoot(line))) continue;
      if (world.fails.has('trust') && store.store === 'firefox') {
        store.problem = problem(
          'certutil_missing',
          `the certificate could not be put into ${store.title}: certutil is not installed`,
          'sudo apt install libnss3-tools',
        );
        continue;
      }
      store.state = to === 'trusted' && store.store === 'firefox' ? 'restart-needed' : to;
      emit('trust', { kind: 'progress', id: store.id, state: store.state });
    }
  }

  return {
    trust_report: async ({ host, verify }) => {
      await clock.wait(verify ? 1200 : 150);
      return report(host ?? 'localhost');
    },
    trust_install: async ({ host, stores }) => {
      await change(stores, 'trusted', 'sudo update-ca-certificates');
      return report(host);
    },
    trust_remove: async ({ host, stores }) => {
      await change(stores, 'not-trusted', 'sudo update-ca-certificates --fresh');
      return report(host);
    },
    trust_remove_leftover: ({ nickname }) => {
      world.leftovers = world.leftovers.filter((leftover) => leftover.nickname !== nickname);
    },
    trust_answer: (given) => answer(given),
    check_begin: ({ host }) => {
      const fails = world.fails.has('trust');
      check = { state: 'waiting', host, tests: [], device: null, problem: null };
      const begun = check;
      void (async () => {
        await clock.wait(1500);
        begun.state = 'opened';
        begun.device = {
          name: fails ? 'Firefox 153 on Linux' : 'Chromium 156 on Linux',
          client: '127.0.0.1',
        };
        await clock.wait(1500);
        begun.tests = TESTS.map((id) => ({
          id,
          passed: !(fails && id === 'service-worker'),
          detail: fails && id === 'service-worker' ? 'SecurityError: an SSL certificate error occurred' : '',
        }));
        begun.state = fails ? 'failed' : 'passed';
        begun.problem = fails
          ? problem(
              'check_not_trusted',
              `Firefox 153 on Linux shows ${host} but does not trust its certificate: somebody clicked through the warning, so it refuses service workers, and with them previews and notebooks`,
              'on this machine: doorcode trust install, then close that browser and open it again',
            )
          : null;
      })();
      return { id: 'c1', url: `https://${host}:8443/.doorcode/check/Zk3v9Qx2mT7b`, problem: null };
    },
    check_result: ({ id }) => {
      if (id === DEVICE_CHECK) return deviceCheck();
      if (!check) throw problem('check_unknown', 'there is no such check', 'doorcode trust check');
      return check;
    },
    onboarding_begin: ({ address }): OnboardingReply => ({
      url: `http://${address ?? '192.168.1.20'}:41873/h7Kq2v/`,
      check_id: DEVICE_CHECK,
      check_url: 'https://my.dev.local:8443/.doorcode/check/p8Rt4Lw6',
      fingerprint: report('localhost').fingerprint,
      expires: past(-15 * MINUTE),
      addresses: ['192.168.1.20', '10.8.0.3'],
    }),
    onboarding_end: () => {},
    devices: () => world.devices,
    forget_device: ({ id }) => {
      world.devices = world.devices.filter((device) => device.id !== id);
    },
  };
}
