import { expect, test } from 'vitest';

import type { SettingKey } from '../platform';
import { asItems, asText, byTable, fromItems, fromText, inWords } from './setting-value';

function key(change: Partial<SettingKey>): SettingKey {
  return {
    name: 'editor.folder',
    table: 'editor',
    label: 'Folder',
    doc: 'The folder opened when no other is named.',
    allowed: 'an absolute path',
    applies: 'live',
    kind: 'text',
    choices: [],
    value: 'a',
    default: 'a',
    is_set: false,
    ...change,
  };
}

test('a number is sent as one, and what is none as it was typed, to be refused in words', () => {
  expect(fromText(key({ kind: 'number' }), ' 40 ')).toBe(40);
  expect(fromText(key({ kind: 'number' }), '-4')).toBe('-4');
  expect(fromText(key({ kind: 'number' }), 'many')).toBe('many');
  expect(fromText(key({ kind: 'text' }), '40')).toBe('40');
});

test('an empty field takes out of the file what has no default, and is a value otherwise', () => {
  expect(fromText(key({ kind: 'path', default: null }), ' ')).toBeNull();
  expect(fromText(key({ kind: 'text', default: '' }), '')).toBe('');
});

test('a list of numbers is one of numbers; one of anything else is one of texts', () => {
  expect(fromItems(['3000', ' 8080', ''])).toEqual([3000, 8080]);
  expect(fromItems(['3000', 'x'])).toEqual(['3000', 'x']);
  expect(fromItems(['127.0.0.1:8443'])).toEqual(['127.0.0.1:8443']);
  expect(fromItems([' '])).toEqual([]);
});

test('values stand in fields as text', () => {
  expect(asText(null)).toBe('');
  expect(asText(7)).toBe('7');
  expect(asText({ header: 'x-proof', secret_file: '/s' })).toBe('header = x-proof, secret_file = /s');
  expect(asItems([1, 2])).toEqual(['1', '2']);
  expect(asItems(null)).toEqual([]);
});

test('a default is told in words', () => {
  const words = { on: 'on', off: 'off', nothing: 'nothing' };
  expect(inWords(true, words)).toBe('on');
  expect(inWords(false, words)).toBe('off');
  expect(inWords([], words)).toBe('nothing');
  expect(inWords(null, words)).toBe('nothing');
  expect(inWords(['a', 'b'], words)).toBe('a, b');
  expect(inWords(0, words)).toBe('0');
});

test('a search looks at the name, the label and the explanation, and keeps the tables', () => {
  const keys = [
    key({}),
    key({ name: 'gateway.listen', table: 'gateway', label: 'Listen on', doc: 'Addresses and ports.' }),
    key({ name: 'ports.allow', table: 'ports', label: 'Allowed', doc: 'Shown under /proxy/PORT.' }),
  ];
  expect(byTable(keys, '').map(({ table }) => table)).toEqual(['editor', 'gateway', 'ports']);
  expect(byTable(keys, 'PORT').map(({ table }) => table)).toEqual(['gateway', 'ports']);
  expect(byTable(keys, 'listen')).toEqual([{ table: 'gateway', keys: [keys[1]] }]);
  expect(byTable(keys, 'nothing of the kind')).toEqual([]);
});
