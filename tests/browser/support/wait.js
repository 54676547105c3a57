import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Asks `probe` until it answers something truthy, and gives that answer.
 *
 * A probe that throws has not answered yet; what it threw last is the cause of the failure.
 *
 * @param {string} what the condition in words, for the message
 * @param {() => unknown} probe may be async
 * @param {{ seconds?: number }} [limit]
 */
export async function until(what, probe, { seconds = 30 } = {}) {
  const deadline = performance.now() + seconds * 1000;
  let cause;
  for (;;) {
    try {
      const answer = await probe();
      if (answer) return answer;
      cause = undefined;
    } catch (error) {
      cause = error;
    }
    if (performance.now() > deadline) throw new Error(`not within ${seconds} s: ${what}`, { cause });
    await sleep(50);
  }
}
