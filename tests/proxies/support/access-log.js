import assert from 'node:assert/strict';

import { until } from '../../browser/support/wait.js';

/**
 * The line of the door's access log that satisfies `wanted`, once there is one; the newest of several.
 *
 * @param {import('../../browser/support/door.js').Door} door
 * @param {string} what the condition in words
 * @param {(line: Record<string, any>) => boolean} wanted
 * @param {{ seconds?: number }} [limit]
 */
export async function logged(door, what, wanted, { seconds = 5 } = {}) {
  const find = async () => {
    const text = await door.doorcode(['logs', '--access', '-n', '500']);
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line))
      .findLast(wanted);
  };
  return until(`the access log has ${what}`, find, { seconds });
}

/**
 * Why the door refused what was answered with `answer`: the line that the access log has under the id on the page. Fails when
 * the page says more than an outsider may know.
 *
 * @param {import('../../browser/support/door.js').Door} door
 * @param {import('./requests.js').Answer} answer
 */
export async function refusal(door, { status, body }) {
  assert.ok(status >= 400, `it was not refused, but answered with ${status}:\n${body}`);
  const [id] = /\b[0-9a-f]{8}-\d+\b/.exec(body) ?? assert.fail(`no request id on the page:\n${body}`);
  const line = await logged(door, `request ${id}`, (line) => line.id === id);
  assert.equal(line.status, status);
  assert.ok(line.code, `no code in ${JSON.stringify(line)}`);
  assert.ok(!body.includes(line.code) && !body.includes('trusted_proxy'), `an outsider learns why:\n${body}`);
  return line;
}
