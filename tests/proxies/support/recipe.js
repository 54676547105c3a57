import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { run } from '../../browser/support/processes.js';
import { doorcode } from '../../browser/support/programs.js';
import { edited } from './edit.js';

/** A line of the steps at a recipe's beginning that is for a shell. */
const STEP = /^# {6}((?:doorcode|test|printf|sudo) .*)$/gm;

/**
 * Writes the settings that belong to a recipe, then the recipe, and does what it says is to be done before; as a person who has
 * a proxy and a door that knows nothing of it yet.
 *
 * @param {{
 *   name: 'nginx' | 'caddy',
 *   door: import('../../browser/support/door.js').Door,
 *   gateway: string,
 *   tls: string,
 *   options: string[],
 *   folder: string,
 *   authority: { certFile: string, keyFile: string },
 * }} site `gateway` and `tls` are tables of settings.toml; `folder` is made for the proxy's files
 * @returns {Promise<{ text: string, settings: string }>} the recipe, and the tables of the settings that it belongs to
 */
export async function followRecipe({ name, door, gateway, tls, options, folder, authority }) {
  await door.configure(gateway);
  const table = await door.doorcode(['recipe', name, ...options, '--settings-table']);
  const settings = `${gateway}\n${tls}\n${table}`;
  await door.configure(settings);
  const text = await door.doorcode(['recipe', name, ...options, '--files', folder]);
  await mkdir(folder, { mode: 0o700 });
  await copyFile(authority.certFile, join(folder, 'public.pem'));
  await copyFile(authority.keyFile, join(folder, 'public-key.pem'));
  if (text.includes('doorcode cert export')) await door.doorcode(['cert', 'issue', 'localhost']);
  await doSteps(text, door, folder);
  return { text, settings };
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
