import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { run } from './processes.js';

/**
 * Makes `root` (PEM) a trusted authority in the NSS database in `folder`, as certutil does it on a person's machine.
 *
 * `CP,,` is what both Chromium and Firefox accept for a root that signs one host.
 */
export async function trustRoot(folder, root) {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const database = `sql:${folder}`;
  await run('certutil', ['-d', database, '-N', '--empty-password']);
  await run('certutil', ['-d', database, '-A', '-n', 'doorcode-test', '-t', 'CP,,', '-a'], { input: root });
}

/** Where Chromium looks for its database, under the HOME it runs with. */
export function chromiumDatabase(home) {
  return join(home, '.pki', 'nssdb');
}

/**
 * Every certificate in the NSS database in `folder`, with its trust: certutil's own list, sorted; empty if there is no
 * database.
 */
export async function trustedIn(folder) {
  const list = await run('certutil', ['-d', `sql:${folder}`, '-L', '-f', '/dev/null']).catch((error) => {
    if (/SEC_ERROR_BAD_DATABASE/.test(error.message)) return '';
    throw error;
  });
  return list
    .split('\n')
    .filter((line) => /,[a-zA-Z]*,[a-zA-Z]* *$/.test(line))
    .filter((line) => !line.includes('SSL,S/MIME'))
    .map((line) => line.trim())
    .toSorted();
}
