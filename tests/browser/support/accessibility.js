import assert from 'node:assert/strict';

import axe from 'axe-core';

/** Fails when axe finds something serious on the page. */
export async function assertAccessible(page) {
  // Not a script element: the page's own policy would rightly refuse it.
  await page.evaluate(axe.source);
  const { violations, passes } = await page.evaluate(() => window.axe.run());
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const lines = serious.flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`));
  assert.deepEqual(lines, []);
  assert.ok(passes.length > 0, 'axe looked at nothing');
}
