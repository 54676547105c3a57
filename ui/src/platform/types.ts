/**
 * What travels between the desktop program and its window. All but the last are written from the program's own types by its
 * tests; times are RFC 3339 texts.
 */

import type { SettingKey } from './bindings';

export type * from './bindings';

/** What a key of settings.toml can have; null is nothing. */
export type SettingValue = SettingKey['value'];
