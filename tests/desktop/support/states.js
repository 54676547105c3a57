import { until } from '../../browser/support/wait.js';

/**
 * Brings a desktop whose editor runs through every state that its tray tells apart, and calls `look` in each of them.
 *
 * @param {import('./desktop.js').Desktop} desktop
 * @param {(state: 'running' | 'attention' | 'stopped' | 'starting' | 'failed') => Promise<void>} look
 */
export async function throughStates(desktop, look) {
  await desktop.reaches('running');
  await look('running');

  const settings = await desktop.settings();
  await desktop.changeSettings((text) => `${text}\n[not a table\n`);
  await until('the engine says what is wrong', async () => (await desktop.status()).problems.length > 0);
  await look('attention');
  await desktop.changeSettings(() => settings);
  await until('nothing is wrong', async () => (await desktop.status()).problems.length === 0);

  await desktop.doorcode(['stop']);
  await look('stopped');

  await desktop.editor.wait();
  const started = desktop.doorcode(['start']); // Answered once it runs.
  await desktop.reaches('starting');
  await look('starting');
  await desktop.editor.goOn();
  await started;

  await desktop.editor.fail();
  process.kill((await desktop.reaches('running')).editor.pid, 'SIGKILL');
  await desktop.reaches('failed');
  await look('failed');
}
