import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder, ours alone (0700), with a name short enough for the sockets that will be in it. */
export async function scratchFolder() {
  return mkdtemp(join(await realpath(tmpdir()), 'dc-'));
}

/** Removes it; retried, because a browser that was just closed may still be writing there. */
export async function removeFolder(folder) {
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}
