/** The window's only door to the program behind it. */

import type { Commands, Events, Platform } from './commands';
import { tauri } from './tauri';
import type { Problem } from './types';

export type { Commands, Events, Platform } from './commands';
export type * from './types';

let platform: Platform = tauri;

/** Decides what stands behind the window: the twin only in a build that has it, and only outside Tauri. */
export async function choosePlatform(): Promise<void> {
  if (__TWIN__ && !('__TAURI_INTERNALS__' in window)) {
    const { twinFor } = await import('./twin');
    platform = twinFor(new URLSearchParams(location.search));
  }
}

/** Puts another program behind the window; for tests. */
export function usePlatform(other: Platform): void {
  platform = other;
}

/** Runs a command. Rejects with a [Problem], always. */
export async function call<K extends keyof Commands>(
  command: K,
  ...[args]: Parameters<Commands[K]>
): Promise<ReturnType<Commands[K]>> {
  try {
    return await platform.invoke(command, args);
  } catch (error) {
    throw asProblem(error);
  }
}

/** Calls `heard` at each event. The function it gives ends that, also when listening had not begun yet. */
export function on<K extends keyof Events>(event: K, heard: (payload: Events[K]) => void): () => void {
  let ended = false;
  const listening = platform.listen(event, (payload) => {
    if (!ended) heard(payload);
  });
  return () => {
    ended = true;
    void listening.then((unlisten) => unlisten());
  };
}

/** What was thrown, as a problem: ours already are; anything else is a fault of the program, shown as it is. */
export function asProblem(error: unknown): Problem {
  if (isProblem(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'window', message, fix: '' };
}

function isProblem(value: unknown): value is Problem {
  return (
    typeof value === 'object' && value !== null && 'code' in value && 'message' in value && 'fix' in value
  );
}
