import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** Started and not yet ended: none of them may outlive the test, however it ends. */
const running = new Set();

process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

/**
 * Starts a program that runs until it is stopped; `output()` is all it has printed so far.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 */
export function start(program, args, options) {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
  const ended = new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error }));
    child.once('close', (code, signal) => resolve({ code, signal }));
  }).finally(() => running.delete(child));
  running.add(child);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (output += text));
  return { child, ended, output: () => output };
}

/**
 * Asks a started program to end, with SIGTERM.
 *
 * @param {ReturnType<typeof start>} started
 * @param {number} seconds after this long it is killed, and that is an error
 * @returns its exit status
 */
export async function stop({ child, ended, output }, seconds) {
  const hasExited = child.exitCode !== null || child.signalCode !== null;
  const exited = hasExited ? Promise.resolve() : once(child, 'exit');
  // What it started may hold its output open for longer than it lives.
  const gone = Promise.race([ended, exited.then(() => within(1, ended))]).then(() => true);
  child.kill('SIGTERM');
  if (await within(seconds, gone)) return child.exitCode;
  child.kill('SIGKILL');
  await gone;
  throw new Error(`${child.spawnfile} did not end within ${seconds} s of SIGTERM:\n${output()}`);
}

/** What `promise` gives, or nothing after so many seconds. The timer is held: that of an AbortSignal may be collected unfired. */
async function within(seconds, promise) {
  const timer = new AbortController();
  const late = pause(seconds * 1000, undefined, { signal: timer.signal }).catch(() => {}); // Not needed any more.
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.abort();
  }
}

/**
 * Runs a program to its end and gives what it printed to standard output.
 *
 * @param {string} program
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions & { input?: string }} [options]
 * @throws when it exits with anything but 0, or takes longer than 30 s; the message holds all that it printed
 */
export async function run(program, args, { input = '', ...options } = {}) {
  const { child, ended, output } = start(program, args, { timeout: 30_000, ...options });
  let stdout = '';
  child.stdout.on('data', (text) => (stdout += text));
  child.stdin.on('error', () => {}); // It may end without reading.
  child.stdin.end(input);
  const { code, signal, error } = await ended;
  if (code === 0) return stdout;
  throw new Error(`${program} ${args.join(' ')} ended with ${error ?? signal ?? code}:\n${output()}`);
}

/**
 * The processes that run with `HOME=home`, as Linux's /proc tells: all that was started there and has not ended.
 *
 * @param {string} home
 * @returns {Promise<number[]>} their ids
 */
export async function processesOf(home) {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const environments = ids.map((id) => readFile(`/proc/${id}/environ`, 'utf8').catch(() => '')); // It may end meanwhile.
  const belongs = (await Promise.all(environments)).map((text) => text.split('\0').includes(`HOME=${home}`));
  return ids.filter((_, index) => belongs[index]).map(Number);
}

/** Ends them at once. */
export async function killProcessesOf(home) {
  for (const id of await processesOf(home)) {
    try {
      process.kill(id, 'SIGKILL');
    } catch (error) {
      if (error.code !== 'ESRCH') throw error; // It has ended by itself.
    }
  }
}
