import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { run } from '../../browser/support/processes.js';
import { doorcode } from '../../browser/support/programs.js';
import { removeFolder, scratchFolder } from '../../browser/support/scratch.js';

/** A user's name that settings take, and that would mean something in YAML, shells, nginx, Caddy and Compose. */
export const HOSTILE_USER = 'a"\'`\\#${x}$(y){z}&!|>%:@example.com';
/** The same of a folder, as far as nginx and Caddy can write it at all. */
export const HOSTILE_FOLDER = 'a b;"\'`#&|>%';

export const PUBLIC_URL = 'https://code.example.com';

/** Somebody with a home of their own and settings, who runs no engine. */
export class Person {
  /** @param {string} settings what stands in settings.toml */
  static async with(settings = '') {
    const person = new Person();
    person.home = await scratchFolder();
    person.settingsFile = join(person.home, 'settings.toml');
    person.env = { PATH: `${process.env.PATH}:/usr/sbin`, HOME: person.home, LANG: 'C.UTF-8' };
    for (const name of ['CONFIG', 'DATA', 'STATE', 'RUNTIME']) {
      const folder = join(person.home, name.toLowerCase());
      await mkdir(folder, { mode: 0o700 });
      person.env[`XDG_${name}_${name === 'RUNTIME' ? 'DIR' : 'HOME'}`] = folder;
    }
    await writeFile(person.settingsFile, settings);
    return person;
  }

  async gone() {
    await removeFolder(this.home);
  }

  /** Runs the command on these settings. */
  async doorcode(...args) {
    return run(doorcode(), ['--settings', this.settingsFile, ...args], { env: this.env });
  }

  async recipe(name, ...options) {
    return this.doorcode('recipe', name, ...options);
  }

  /** Puts programs before all others on PATH, as shell scripts. */
  async stubs(scripts) {
    const folder = join(this.home, 'bin');
    await mkdir(folder, { recursive: true });
    for (const [name, script] of Object.entries(scripts)) {
      await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
    return { ...this.env, PATH: `${folder}:${this.env.PATH}` };
  }
}

/** The lines of a recipe's steps that are for a shell. */
export function steps(recipe) {
  return recipe
    .split('\n')
    .filter((line) => /^# {6,}\S/.test(line))
    .map((line) => line.replace(/^# {6}/, ''));
}
