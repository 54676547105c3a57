import { expect, test, vi } from 'vitest';

import type { Report } from '../platform';
import { Standing } from './health/standing';
import { verdictOf } from './health/verdict';
import Health from './Health.svelte';
import Overview from './Overview.svelte';
import SignIn from './SignIn.svelte';
import { testWindow, text } from './test-window';

const window = testWindow();
const { world, show, press } = window;
const commands = () => window.calls.map(([command]) => command);

const report = (severities: ('warning' | 'critical')[], probes: Report['probes'] = []): Report => ({
  healthy: severities.length === 0,
  at: '2026-03-14T12:00:00Z',
  probes,
  causes: severities.map((severity) => ({
    code: 'x',
    severity,
    message: '',
    evidence: '',
    fix: '',
    action: null,
  })),
});

test('the worst cause decides, and without a probe nothing is known', () => {
  const probe = { id: 'a', chain: 'door', title: '', status: 'pass', millis: 1, evidence: '' } as const;
  expect(verdictOf(report([]))).toBe('unknown');
  expect(verdictOf(report([], [probe]))).toBe('healthy');
  expect(verdictOf(report(['warning'], [probe]))).toBe('warning');
  expect(verdictOf(report(['warning', 'critical'], [probe]))).toBe('broken');
});

test('what was asked for stands until something new breaks, or something is mended', () => {
  const with_ = (...codes: string[]): Report => ({
    ...report([]),
    causes: report(codes.map(() => 'warning')).causes.map((cause, index) => ({
      ...cause,
      code: codes[index] ?? '',
    })),
  });
  const asked = () => new Standing(with_('browser_untrusted', 'disk_low'));
  expect(asked().holdsBeside(with_())).toBe(true);
  expect(asked().holdsBeside(with_('disk_low'))).toBe(true);
  expect(asked().holdsBeside(with_('disk_low', 'editor_crashed'))).toBe(false);
  const mended = asked();
  expect(mended.holdsBeside(with_('disk_low'))).toBe(true);
  expect(mended.holdsBeside(with_())).toBe(false);
});

test('the first cause comes first, with its evidence, its command and a button for it', async () => {
  world('unwell');
  await show(Health);
  await vi.waitFor(() => expect(text()).toContain('Something is broken'));
  const [first, second] = document.querySelectorAll('.note');
  expect(first?.textContent).toMatch(/ended by itself three times.*EADDRINUSE.*doorcode logs --editor/s);
  expect(first?.querySelector('a')?.getAttribute('href')).toBe('#/logs/editor');
  expect(second?.textContent).toContain('Free memory…');
  const steps = [...document.querySelectorAll('[data-probe^=editor-]')].map(({ className }) => className);
  expect(steps.map((name) => name.split(' ')[0])).toEqual(['fail', 'not_reached', 'not_reached']);
});

test('the pictures say in words what they show', async () => {
  world('running');
  await show(Health);
  await vi.waitFor(() => expect(text()).toContain('Everything works'));
  const said = [...document.querySelectorAll('svg[role=img]')].map((picture) =>
    picture.getAttribute('aria-label'),
  );
  expect(said[0]).toMatch(/between 36 ms and 120 ms, lately 40 ms/);
  expect(said[1]).toMatch(/ran well.*stopped.*ran with a problem.*did not work/);
});

test('what happens is told as it happens, each code with what it means, and no more once the page is left', async () => {
  world('running');
  await show(Health);
  await vi.waitFor(() => expect(text()).toContain('3 requests from 10.0.0.1 were refused'));
  // A state is no code.
  expect(text()).toContain('The editor runs');
  expect(document.querySelector('[aria-label="What running means"]')).toBeNull();
  press('What trusted_proxy_user_not_allowed means');
  await vi.waitFor(() => expect(text()).toContain('The user may not come in'));
  window.ends.pop()?.();
  await vi.waitFor(() => expect(commands()).toContain('events_close'));
});

test('where no engine runs, none is asked, and it can be started', async () => {
  world('absent');
  await show(Health);
  expect(text()).toContain('No engine runs');
  press('Start');
  await vi.waitFor(() => expect(commands()).toContain('start'));
  expect(commands()).not.toContain('health');
  expect(commands()).not.toContain('events_open');
});

test('an engine that does not answer is told as that', async () => {
  world('speechless');
  await show(Health);
  await vi.waitFor(() => expect(text()).toContain('The engine does not answer'));
});

test('before anything was measured, nothing is drawn and that is said', async () => {
  world('young');
  await show(Health);
  await vi.waitFor(() => expect(text()).toContain('Not checked yet'));
  for (const said of [
    'No request in the last five minutes.',
    'Nothing is connected.',
    'Nothing has been recorded yet.',
    'No extension host of a closed tab is left over.',
  ]) {
    expect(text()).toContain(said);
  }
  expect(document.querySelector('svg[role=img]')).toBeNull();
});

test('the overview names what is wrong and leads to the health', async () => {
  world('unwell');
  await show(Overview);
  expect(text()).toContain('The editor ended by itself three times');
  expect(document.querySelector('a[href="#/health"]')).not.toBeNull();
});

test('sign-in by proxy cannot be switched on while something is missing', async () => {
  world('running');
  await show(SignIn);
  document.querySelector<HTMLInputElement>('input[value=trusted-proxy]')?.click();
  await vi.waitFor(() => expect(text()).toContain('auth.trusted_proxy.public_url'));
  press('Switch on sign-in by proxy');
  expect(document.querySelector('dialog')).toBeNull();
  expect(commands()).not.toContain('set_auth');
});

test('who is signed in by the proxy is named, and a recipe for it offered', async () => {
  world('proxy');
  await show(SignIn);
  await vi.waitFor(() => expect(text()).toContain('them@example.com'));
  await vi.waitFor(() => expect(text()).toContain('doorcode recipe pomerium-core'));
  expect(text()).toContain('It is in force');
});
