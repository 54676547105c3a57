import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { run } from '../../browser/support/processes.js';
import { doorcode } from '../../browser/support/programs.js';
import { edited } from './edit.js';

/** A line of the steps at a recipe's beginning that is for a shell. */
const STEP = /^# {6}((?:doorcode|test|printf|sudo) .*)$/gm;

/**
 * Sets the door up as a recipe wants it: a person who has a proxy and a door that knows nothing of it.
 *
 * @param {'nginx' | 'caddy'} name
 * @param {import('../../browser/support/door.js').Door} door its settings are written
 * @param {string} gateway the table of settings.toml
 * @param {string[]} options of the recipe
 * @returns {Promise<string>} the tables of the settings
 */
export async function settingsOf(name, door, gateway, options) {
  await door.configure(gateway);
  return `${gateway}\n${await door.doorcode(['recipe', name, ...options, '--settings-table'])}`;
}

/**
 * Writes the recipe for the door's settings, and does what it says is to be done before.
 *
 * @param {'nginx' | 'caddy'} name
 * @param {import('../../browser/support/door.js').Door} door
 * @param {string[]} options
 * @param {string} folder for the proxy's files; made here
 * @param {{ certFile: string, keyFile: string }} authority
 * @returns {Promise<string>} the recipe
 */
export async function followRecipe(name, door, options, folder, authority) {
  const text = await door.doorcode(['recipe', name, ...options, '--files', folder]);
  await mkdir(folder, { mode: 0o700 });
  for (const name of ['public', 'proxy-client']) {
    await copyFile(authority.certFile, join(folder, `${name}.pem`));
    await copyFile(authority.keyFile, join(folder, `${name}-key.pem`));
  }
  if (text.includes('doorcode cert export')) await door.doorcode(['cert', 'issue', 'localhost']);
  await doSteps(text, door, folder);
  return text;
}

/** What a recipe cannot know of this machine: nginx is to be reached from here only. */
export function nginxHere(recipe, port) {
  const here = edited(recipe, `listen ${port} ssl`, `listen 127.0.0.1:${port} ssl`);
  return edited(here, `    listen [::]:${port} ssl http2;\n`, '');
}

/** The same of Caddy, which also shall not ask an authority of the world's for a certificate. */
export function caddyHere(recipe, { certFile, keyFile }) {
  const site = edited(
    recipe,
    '#   tls /path/to/certificate.pem /path/to/key.pem',
    `tls ${certFile} ${keyFile}`,
  );
  return `{\n\tadmin off\n\tauto_https disable_redirects\n\tdefault_bind 127.0.0.1\n}\n\n${site}`;
}

/** Runs the steps, as who may do everything already. */
async function doSteps(recipe, door, folder) {
  const steps = [...recipe.matchAll(STEP)].map(([, step]) => step);
  const programs = join(folder, 'bin');
  await mkdir(programs);
  const script = (name, line) => writeFile(join(programs, name), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  await script('sudo', 'exec "$@"');
  await script('chown', ':'); // There is no user of the proxy's on this machine.
  await script('doorcode', `exec '${doorcode()}' --settings '${door.settingsFile}' "$@"`);
  const env = { ...door.person, PATH: `${programs}:${door.person.PATH}` };
  await run('sh', ['-e', '-c', steps.join('\n')], { env });
}
