import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../dist-fixtures/', import.meta.url));
const CONFIG = fileURLToPath(new URL('../../../tauri.conf.json', import.meta.url));
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/**
 * Serves the fixtures build on a free loopback port, under the policy that the desktop program gives its pages.
 *
 * @returns {Promise<{ origin: string, close: () => Promise<void> }>}
 */
export async function serve() {
  const { app } = JSON.parse(await readFile(CONFIG, 'utf8'));
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const file = normalize(join(ROOT, pathname === '/' ? 'index.html' : pathname));
    const body = file.startsWith(ROOT) ? await readFile(file).catch(() => null) : null;
    response.writeHead(body ? 200 : 404, {
      'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
      'Content-Security-Policy': app.security.csp,
    });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  };
}
