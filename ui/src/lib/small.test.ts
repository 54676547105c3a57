import { expect, test } from 'vitest';

import { accelerator, type Press } from './accelerator';
import { isLoopback } from './loopback';
import { openEditors } from './open-editors';
import { sentence } from './sentence';

const press = (code: string, held: Partial<Press> = {}): Press => ({
  code,
  ctrlKey: false,
  altKey: false,
  shiftKey: false,
  metaKey: false,
  ...held,
});

test('a shortcut is named by its modifiers in a fixed order and the place of its key', () => {
  expect(accelerator(press('KeyD', { altKey: true, ctrlKey: true }))).toBe('Ctrl+Alt+D');
  expect(accelerator(press('Digit1', { metaKey: true, shiftKey: true }))).toBe('Shift+Super+1');
  expect(accelerator(press('F12', { ctrlKey: true }))).toBe('Ctrl+F12');
  expect(accelerator(press('ArrowUp', { altKey: true }))).toBe('Alt+Up');
});

test('a key alone, with Shift alone, or a modifier alone is no shortcut', () => {
  expect(accelerator(press('KeyD'))).toBeNull();
  expect(accelerator(press('KeyD', { shiftKey: true }))).toBeNull();
  expect(accelerator(press('ControlLeft', { ctrlKey: true }))).toBeNull();
  expect(accelerator(press('F25', { ctrlKey: true }))).toBeNull();
});

test.each(['localhost', 'code.localhost', '127.0.0.1', '127.8.0.9', '::1', '[::1]'])(
  '%s is this machine',
  (host) => expect(isLoopback(host)).toBe(true),
);

test.each(['my.dev.local', 'localhost.example.com', '192.168.1.20', '::2', '1127.0.0.1'])(
  '%s may be another',
  (host) => expect(isLoopback(host)).toBe(false),
);

test('an editor has two connections, and one whose second is being made is an editor, too', () => {
  expect([0, 1, 2, 3, 4].map(openEditors)).toEqual([0, 1, 1, 2, 2]);
});

test('a message begins like a sentence, unless it begins with a name that is written small', () => {
  expect(sentence('the keyring is locked')).toBe('The keyring is locked');
  expect(sentence('auth.mode = "none" is refused')).toBe('auth.mode = "none" is refused');
  expect(sentence('xdg-open could not open it')).toBe('xdg-open could not open it');
  expect(sentence('certutil is not installed')).toBe('certutil is not installed');
  expect(sentence('/tmp/x cannot be read')).toBe('/tmp/x cannot be read');
  expect(sentence('')).toBe('');
});
