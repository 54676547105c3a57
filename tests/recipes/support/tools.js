import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

import { run } from '../../browser/support/processes.js';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

/** The folder of the programs that requirements.txt names. */
let programs;

/**
 * Runs one of them.
 *
 * @param {string} name
 * @param {string[]} args
 * @param {string} [input]
 */
export async function python(name, args, input) {
  programs ??= run(join(REPOSITORY, 'scripts/python-packages.sh'), ['tests/recipes'], { timeout: 300_000 });
  return run(join((await programs).trim(), name), args, { cwd: REPOSITORY, input });
}

/**
 * What stands in a YAML text, each of its documents.
 *
 * @param {string} text
 * @returns {Promise<any[]>}
 */
export async function parseYaml(text) {
  const script = 'import json, sys, yaml; json.dump(list(yaml.safe_load_all(sys.stdin)), sys.stdout)';
  return JSON.parse(await python('python', ['-c', script], text));
}
