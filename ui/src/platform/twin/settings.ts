import type { Part, Stage } from '.';
import type { AuthMode, Problem, Reloaded, SettingKey, SettingValue } from '../types';
import { problem } from './problem';

/** The settings file: each key, checked roughly as the real ones are. */
export function settings({ world, changed }: Stage): Part {
  const file = '/home/you/.config/doorcode/settings.toml';

  function find(name: string): SettingKey {
    const key = world.settings.keys.find((key) => key.name === name);
    if (!key) throw problem('setting_unknown', `there is no setting ${name}`, 'doorcode settings show');
    return key;
  }

  function check(key: SettingKey, value: SettingValue): Problem | null {
    const wrong = flaw(key, value);
    return wrong === null
      ? null
      : problem('settings_invalid', `${key.name}: ${wrong}`, `it takes ${key.allowed}`);
  }

  function put(key: SettingKey, value: SettingValue, isSet: boolean): Reloaded {
    key.value = value;
    key.is_set = isSet;
    world.settings.exists = true;
    const { status } = world.snapshot;
    const waiting = (what: 'editor' | 'engine') => key.applies === `restart_${what}`;
    for (const what of ['editor', 'engine'] as const) {
      if (!waiting(what) || status.problems.some(({ code }) => code === `restart_${what}`)) continue;
      const fix = what === 'editor' ? 'doorcode restart' : 'end the engine and start it again: doorcode up';
      status.problems.push(
        problem(
          `restart_${what}`,
          `the new value of ${key.name} is in force once the ${what} is started again`,
          fix,
        ),
      );
    }
    if (key.name === 'auth.mode') status.auth = value as AuthMode;
    if (key.name === 'desktop.shortcut') {
      const accelerator = String(value);
      world.desktop.shortcut = { accelerator, state: accelerator ? 'active' : 'unset', detail: '' };
    }
    changed();
    return {
      applied: key.applies === 'live' ? [key.name] : [],
      restart_editor: waiting('editor') ? [key.name] : [],
      restart_engine: waiting('engine') ? [key.name] : [],
    };
  }

  return {
    settings: () => ({
      file,
      exists: world.settings.exists,
      problem: null,
      can_undo: world.settings.undo.length > 0,
      keys: world.settings.keys,
    }),
    check_setting: ({ name, value }) => check(find(name), value),
    set_setting: ({ name, value }) => {
      const key = find(name);
      const wrong = check(key, value);
      if (wrong) throw wrong;
      world.settings.undo.push([name, key.value, key.is_set]);
      return put(key, value, true);
    },
    unset_setting: ({ name }) => {
      const key = find(name);
      world.settings.undo.push([name, key.value, key.is_set]);
      return put(key, key.default, false);
    },
    undo_settings: () => {
      const last = world.settings.undo.pop();
      if (!last) throw problem('nothing_to_undo', 'there is no change to undo', '');
      const [name, value, isSet] = last;
      return put(find(name), value, isSet);
    },
    open_settings_file: () => {},
  };
}

function flaw(key: SettingKey, value: SettingValue): string | null {
  if (key.name.endsWith('.public_url') && !/^https:\/\/[^/]+$/.test(String(value))) {
    return `“${value}” is no https address`;
  }
  switch (key.kind) {
    case 'path':
      return typeof value === 'string' && /^(\/|~\/)/.test(value)
        ? null
        : `“${value}” is not an absolute path`;
    case 'number':
      return typeof value === 'number' && value >= 1 ? null : `${value} is out of range`;
    case 'list':
      return Array.isArray(value) ? listFlaw(key.name, value) : 'this is no list';
    case 'text':
      if (key.table === 'sessions' && !/^\d+[smhd]$/.test(String(value))) return `“${value}” is not a time`;
      return null;
    default:
      return null;
  }
}

function listFlaw(name: string, items: (string | number)[]): string | null {
  if (name.startsWith('gateway.') && items.length === 0) return 'the list is empty';
  const bad = items.find((item) => {
    if (name === 'ports.allow') return !(Number(item) >= 1 && Number(item) <= 65535);
    if (name === 'gateway.listen') return !/:\d+$/.test(String(item));
    return /\s/.test(String(item)) || item === '';
  });
  return bad === undefined ? null : `“${bad}” cannot be used`;
}
