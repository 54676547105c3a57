import { expect, test } from 'vitest';

import { runs } from './fix';

const said = (text: string) => ({ text, command: false });
const command = (text: string) => ({ text, command: true });

test('a fix that is a command is one as a whole', () => {
  expect(runs('doorcode logs --editor')).toEqual([command('doorcode logs --editor')]);
  expect(runs("ss -ltnp 'sport = :8443'")).toEqual([command("ss -ltnp 'sport = :8443'")]);
});

test('a command at the end of a sentence is found', () => {
  expect(runs('end the running engine (Ctrl-C where it runs) and start it again: doorcode up')).toEqual([
    said('end the running engine (Ctrl-C where it runs) and start it again: '),
    command('doorcode up'),
  ]);
});

test('commands in backticks are found', () => {
  expect(runs('run `doorcode password reset` for a new one')).toEqual([
    said('run '),
    command('doorcode password reset'),
    said(' for a new one'),
  ]);
});

test('a sentence stays one', () => {
  expect(runs('set HOME to a folder of yours')).toEqual([said('set HOME to a folder of yours')]);
  expect(runs('')).toEqual([]);
});

test('words behind a command are no part of it', () => {
  for (const fix of [
    'doorcode logs --app says why; then end it and start it again',
    'doorcode settings edit: listen = ["127.0.0.1:8443"]',
    'doorcode trust install, then close the browser',
  ]) {
    expect(runs(fix)).toEqual([said(fix)]);
  }
  expect(runs('`kill 12`, then `doorcode up`')).toEqual([
    command('kill 12'),
    said(', then '),
    command('doorcode up'),
  ]);
});

test('lines of a configuration are one piece', () => {
  expect(runs('add\n`one a;\ntwo b;`\nthen `reload`')).toEqual([
    said('add\n'),
    command('one a;\ntwo b;'),
    said('\nthen '),
    command('reload'),
  ]);
});
