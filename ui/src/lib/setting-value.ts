/** Settings between the text that people type and the values of settings.toml. */

import type { SettingKey, SettingValue } from '../platform';

/** What stands in a field for a value. */
export function asText(value: SettingValue): string {
  if (value === null) return '';
  return isTable(value)
    ? Object.entries(value)
        .map(([key, text]) => `${key} = ${text}`)
        .join(', ')
    : String(value);
}

/** What stands in the fields of a list. */
export function asItems(value: SettingValue): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/**
 * The value of a field. An empty field of a key without a default takes the key out of the file (null). What is no number
 * goes as text: the desktop program refuses it in words.
 */
export function fromText(key: SettingKey, text: string): SettingValue {
  const typed = text.trim();
  if (typed === '' && key.default === null) return null;
  return key.kind === 'number' ? wholeNumber(typed) : typed;
}

/** The value of a list's fields, empty ones left out. A list of nothing but whole numbers is one of numbers, such as ports. */
export function fromItems(items: string[]): SettingValue {
  const typed = items.map((item) => item.trim()).filter((item) => item !== '');
  const numbers = typed.map(wholeNumber);
  return numbers.every((item) => typeof item === 'number') ? numbers : typed;
}

/** The value in a few words, for "unless set". */
export function inWords(value: SettingValue, words: { on: string; off: string; nothing: string }): string {
  if (value === true) return words.on;
  if (value === false) return words.off;
  const text = Array.isArray(value) ? value.join(', ') : asText(value);
  return text === '' ? words.nothing : text;
}

/** The keys that contain `wanted` in whatever people read of them, table by table. */
export function byTable(keys: SettingKey[], wanted: string): { table: string; keys: SettingKey[] }[] {
  const word = wanted.trim().toLowerCase();
  const tables = new Map<string, SettingKey[]>();
  for (const key of keys) {
    const fits = [key.name, key.label, key.doc].some((text) => text.toLowerCase().includes(word));
    if (fits) tables.set(key.table, [...(tables.get(key.table) ?? []), key]);
  }
  return [...tables].map(([table, keys]) => ({ table, keys }));
}

/** Whether it is an inline table. */
export function isTable(value: SettingValue): value is Record<string, string> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wholeNumber(text: string): number | string {
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}
