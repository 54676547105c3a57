// Fails when what the window loads has outgrown what it may, first paint having half a second, or has the browser twin in it.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const LIMIT_KB = 120;
/** Said by the twin and by nothing else. */
const TWIN = 'the twin does not know';
const folder = fileURLToPath(new URL('../dist/assets/', import.meta.url));

let total = 0;
for (const name of (await readdir(folder)).sort()) {
  if (!/\.(js|css)$/.test(name)) continue;
  const content = await readFile(join(folder, name));
  if (content.includes(TWIN)) {
    console.error(`${name} contains the browser twin, which is for fixtures only`);
    process.exit(1);
  }
  const bytes = gzipSync(content).length;
  total += bytes;
  console.log(`${name}: ${kb(bytes)} KB gzip`);
}
console.log(`in all ${kb(total)} of ${LIMIT_KB} KB gzip`);
if (total === 0 || total > LIMIT_KB * 1024) {
  console.error(total === 0 ? `nothing was built in ${folder}` : 'the bundle is too large');
  process.exit(1);
}

function kb(bytes) {
  return (bytes / 1024).toFixed(1);
}
