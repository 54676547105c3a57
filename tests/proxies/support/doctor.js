/**
 * What `doorcode doctor` finds about the public address of a site.
 *
 * @param {import('./site.js').Site} site
 * @returns {Promise<{ causes: { code: string }[], probes: { id: string, status: string, evidence: string }[] }>}
 */
export async function doctor({ door, url }) {
  const { child, ended, output } = door.begin(['doctor', '--json', '--url', url]);
  let report = '';
  child.stdout.on('data', (text) => (report += text));
  const { code } = await ended;
  // 0 healthy, 1 warnings, 2 broken; anything that is no report is an error.
  if (![0, 1, 2].includes(code) || !report)
    throw new Error(`doorcode doctor ended with ${code}:\n${output()}`);
  return JSON.parse(report);
}
