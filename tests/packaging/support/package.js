import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { run } from '../../browser/support/processes.js';

const SCRIPT = fileURLToPath(new URL('../../../scripts/deb.sh', import.meta.url));

/** Compiling, when nothing has been compiled before. */
const BUILD = { timeout: 30 * 60_000 };

/** Builds the package of the programs that the other tests use, and gives its path. */
export async function buildPackage() {
  const output = await run(SCRIPT, ['debug'], BUILD);
  return output.trimEnd().split('\n').at(-1);
}

/**
 * Makes the package of a later version, in `folder`, with the same things in it.
 *
 * @returns its path
 */
export async function laterPackage(path, version, folder) {
  const content = join(folder, 'content');
  await run('dpkg-deb', ['--raw-extract', path, content]);
  const control = join(content, 'DEBIAN', 'control');
  const text = await readFile(control, 'utf8');
  await writeFile(control, text.replace(/^Version: .*$/m, `Version: ${version}`));
  const later = join(folder, 'later.deb');
  await run('dpkg-deb', ['-Znone', '--root-owner-group', '--build', content, later]);
  return later;
}
