import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';

import { Person } from '../support/person.js';

const PAGE = new URL('../../../docs/proxies.md', import.meta.url);

describe('docs/proxies.md', () => {
  let page, person;

  before(async () => {
    page = await readFile(PAGE, 'utf8');
    person = await Person.with();
  });

  after(async () => {
    await person?.gone();
  });

  test('names no code that `doorcode explain` does not know', async () => {
    const named = [
      ...page.matchAll(/(?:log|doctor): `([a-z_]+)`/g),
      ...page.matchAll(/`((?:trusted_proxy|recipe)_[a-z_]+)`/g),
    ];
    const codes = new Set(named.map(([, code]) => code));
    assert.ok(codes.size > 15, [...codes].join(' '));
    for (const code of codes) await person.doorcode('explain', code);
  });

  test('names every recipe', async () => {
    const help = await person.doorcode('recipe', '--help');
    const names = /\[possible values: ([^\]]+)\]/.exec(help)[1].split(/,\s+/);
    assert.equal(names.length, 8, help);
    for (const name of names) assert.ok(page.includes(`\`${name}\``), name);
  });
});
