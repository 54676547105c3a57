import { rmSync } from 'node:fs';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Made and not yet removed: none of them may outlive the test, however it ends. */
const made = new Set();

/** Whoever still writes there when the test is called off is killed in the same moment, and may take another. */
const removal = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 };

process.on('exit', () => made.forEach((folder) => rmSync(folder, removal)));

/** A new folder, ours alone (0700), with a name short enough for the sockets that will be in it. */
export async function scratchFolder() {
  const folder = await mkdtemp(join(await realpath(tmpdir()), 'dc-'));
  made.add(folder);
  return folder;
}

/** Removes it; retried, because a browser that was just closed may still be writing there. */
export async function removeFolder(folder) {
  await rm(folder, removal);
  made.delete(folder);
}
