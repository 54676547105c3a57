import { flushSync, mount, unmount, type Component } from 'svelte';
import { expect, test, vi } from 'vitest';

import { engine } from '../app/engine.svelte';
import { call } from '../platform';
import Losses from './certificates/Losses.svelte';
import { remedy } from './overview/remedies';
import { dangerOf } from './settings/dangers';
import Devices from './trust/Devices.svelte';
import Onboarding from './trust/Onboarding.svelte';
import { Talk } from './trust/talk.svelte';
import { after, before, firstLeft } from './welcome/steps';
import OpenStep from './welcome/OpenStep.svelte';
import Overview from './Overview.svelte';
import Settings from './Settings.svelte';
import SignIn from './SignIn.svelte';
import { testWindow, text } from './test-window';

const window = testWindow();
const { world, show, press } = window;

test('the overview says what runs, where, for how long and for whom', async () => {
  world('running');
  await show(Overview);
  await vi.waitFor(() => expect(text()).toContain('Safari on iPad'));
  for (const fact of [
    'Running',
    '2 h 14 min',
    'https://my.dev.local:8443',
    'code-server 4.105.1',
    '700 MB',
  ]) {
    expect(text()).toContain(fact);
  }
  // Signed in, but with no editor open.
  expect(text()).not.toContain('Firefox on Windows');
});

test('every problem is shown with its message and its command', async () => {
  world('attention');
  await show(Overview);
  expect(text()).toContain('214 wrong passwords from 3 addresses');
  expect([...document.querySelectorAll('.fix code')].map(({ textContent }) => textContent)).toContain(
    'doorcode cert renew my.dev.local',
  );
});

test('stopping asks first, and says how many editors it disconnects', async () => {
  world('running');
  await show(Overview);
  press('Stop');
  await vi.waitFor(() => expect(text()).toContain('2 open editors are disconnected'));
  expect(window.calls.map(([command]) => command)).not.toContain('stop');
  const inDialog = document.querySelector<HTMLButtonElement>('dialog .danger');
  inDialog?.click();
  await vi.waitFor(() => expect(engine.snapshot?.status.state).toBe('stopped'));
});

test('the password is not in the page until it is asked for, nor after it is hidden', async () => {
  world('running');
  await show(SignIn);
  await vi.waitFor(() => expect(text()).toContain('Kept in the keyring'));
  const secret = 'velvet-orbit-canyon-maple-41';
  expect(document.documentElement.outerHTML).not.toContain(secret);
  press('Show');
  await vi.waitFor(() => expect(document.documentElement.outerHTML).toContain(secret));
  press('Hide');
  expect(document.documentElement.outerHTML).not.toContain(secret);
});

test('letting everybody in is asked first, and a refusal is shown in words', async () => {
  world('refusing');
  await show(SignIn);
  const none = document.querySelector<HTMLInputElement>('input[value=none]');
  none?.click();
  flushSync();
  expect(none?.checked).toBe(false);
  expect(window.calls.map(([command]) => command)).not.toContain('set_auth');
  press('Ask nobody');
  await vi.waitFor(() => expect(text()).toContain('can be reached by other machines'));
  expect(document.querySelector<HTMLInputElement>('input[value=password]')?.checked).toBe(true);
});

test('a locked keyring is told with what to do about it', async () => {
  world('refusing');
  await show(SignIn);
  await vi.waitFor(() => expect(text()).toContain('Show'));
  press('Show');
  await vi.waitFor(() => expect(text()).toContain('Unlock the keyring'));
});

test('a setting is checked while it is typed, and saved only when the field is left', async () => {
  world('running');
  await show(Settings);
  await vi.waitFor(() => expect(text()).toContain('Sign out when idle for'));
  const field = document.querySelector<HTMLInputElement>('[data-key="sessions.idle"] input');
  if (!field) throw new Error('no field');
  const write = (value: string) => {
    field.value = value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    flushSync();
  };
  write('a while');
  await vi.waitFor(() => expect(field.ariaInvalid).toBe('true'));
  expect(text()).toContain('“a while” is not a time');
  expect(window.calls.map(([command]) => command)).not.toContain('set_setting');

  field.dispatchEvent(new Event('blur'));
  await vi.waitFor(() => expect(text()).toContain('Not saved'));
  field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
  flushSync();
  expect(field.value).toBe('7d');
  expect(text()).not.toContain('Not saved');

  write('3d');
  field.dispatchEvent(new Event('blur'));
  await vi.waitFor(() =>
    expect(window.calls).toContainEqual(['set_setting', { name: 'sessions.idle', value: '3d' }]),
  );
});

test('what waits for a restart is said, with the button for it', async () => {
  world('attention');
  await show(Settings);
  press('Restart the editor now');
  await vi.waitFor(() => expect(window.calls.map(([command]) => command)).toContain('restart'));
});

test('the editor is started again before it is opened when it still has the folder of before the first run', async () => {
  world('attention');
  window.ends.push(engine.follow());
  await vi.waitFor(() => expect(engine.snapshot).not.toBeNull());
  const opened = vi.fn(() => Promise.resolve());
  const shown = mount(OpenStep, { target: document.body, props: { opened } });
  window.ends.push(() => void unmount(shown));
  flushSync();
  press('Start and open');
  await vi.waitFor(() => expect(window.calls.map(([command]) => command)).toContain('open_editor'));
  const order = window.calls
    .map(([command]) => command)
    .filter((command) => ['restart', 'open_editor'].includes(command));
  expect(order).toEqual(['restart', 'open_editor']);
});

test('what lets others in is asked about, and nothing else', () => {
  expect(dangerOf('auth.mode', 'none')).not.toBeNull();
  expect(dangerOf('auth.none_beyond_loopback', true)).not.toBeNull();
  expect(dangerOf('auth.mode', 'password')).toBeNull();
  expect(dangerOf('auth.none_beyond_loopback', false)).toBeNull();
  expect(dangerOf('desktop.on_quit', 'keep')).toBeNull();
});

test('problems lead to the page where something can be done about them', () => {
  expect(remedy('code_server_missing')).toMatchObject({ page: 'welcome', section: 'editor' });
  expect(remedy('certificate_replaced')).toMatchObject({ page: 'certificates', section: 'trust' });
  expect(remedy('certificate_due')).toMatchObject({ page: 'certificates' });
  expect(remedy('sign_in_attack')).toMatchObject({ page: 'sign-in' });
  expect(remedy('restart_editor')).toMatchObject({ page: 'settings' });
  expect(remedy('editor_exited')).toMatchObject({ page: 'logs' });
  expect(remedy('port_busy')).toBeNull();
});

test('the first run goes on where it stopped', () => {
  const steps = { folder: 'done', editor: 'skipped', password: 'todo', trust: 'todo', open: 'todo' } as const;
  expect(firstLeft(steps)).toBe('password');
  expect(firstLeft({ ...steps, password: 'done', trust: 'done', open: 'done' })).toBe('open');
  expect(before('folder')).toBeUndefined();
  expect(after('open')).toBeUndefined();
  expect(after('folder')).toBe('editor');
});

test('a talk asks, brings the answer, and keeps what was said', async () => {
  world('running');
  const talk = new Talk();
  window.ends.push(talk.follow());
  const done = talk.during(() => call('trust_install', { host: 'localhost', stores: ['system'] }));
  await vi.waitFor(() =>
    expect(talk.question).toEqual({ kind: 'command', line: 'sudo update-ca-certificates' }),
  );
  await talk.approve(true);
  await vi.waitFor(() => expect(talk.question?.kind).toBe('ask'));
  await talk.tell('secret');
  const report = await done;
  expect(report.stores.find(({ id }) => id === 'system')?.state).toBe('trusted');
  expect(talk.output).toContain('1 added, 0 removed; done.');
  expect(talk).toMatchObject({ question: null, command: null });
});

test('a check that somebody else than the device opened is told with both addresses', async () => {
  world('fresh-broken');
  const shown = mount(Onboarding, {
    target: document.body,
    props: { host: 'my.dev.local', onopen: () => {} },
  });
  window.ends.push(() => void unmount(shown));
  flushSync();
  press('Set up a device');
  await vi.waitFor(() => expect(text()).toMatch(/at 192\.168\.1\.66 opened .* to 192\.168\.1\.44/), {
    timeout: 10_000,
  });
}, 15_000);

test('a device whose browser does not tell is not called trusted, in the list and where trust is lost', async () => {
  world('running');
  for (const [page, props] of [
    [Devices, { watching: false }],
    [Losses, { host: 'localhost' }],
  ] as [Component<object>, object][]) {
    const shown = mount(page, { target: document.body, props });
    await vi.waitFor(() => expect(text()).toMatch(/Firefox on Android \(?works, trust not proven/));
    await unmount(shown);
  }
});
