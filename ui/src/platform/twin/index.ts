/**
 * The desktop program's twin for a plain browser: it behaves like it, on a world made up. Never part of what is shipped.
 *
 * `?fixture=NAME` chooses the world (worlds.ts), `?pace=N` makes everything N times as fast.
 */

import type { Commands, Events, Platform } from '../commands';
import { certificates } from './certificates';
import { Clockwork } from './clockwork';
import { desktop } from './desktop';
import { engine } from './engine';
import { health } from './health';
import { install } from './install';
import { logs } from './logs';
import { settings } from './settings';
import { signIn } from './sign-in';
import { trust } from './trust';
import { type World, worldNamed } from './worlds';

/** What every part of the twin gets. */
export interface Stage {
  world: World;
  clock: Clockwork;
  emit<K extends keyof Events>(event: K, payload: Events[K]): void;
  /** Tells the window of a change of the status. */
  changed(): void;
}

type Async<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => R | Promise<R> : never;
};

/** A part of the twin: some of the commands. */
export type Part = Partial<Async<Commands>>;

/** The twin that an address asks for. */
export function twinFor(query: URLSearchParams): Platform {
  return twin(worldNamed(query.get('fixture') ?? 'running'), Number(query.get('pace') ?? 1));
}

/** A twin on this world; `pace` is how much faster than life it is. */
export function twin(world: World, pace = 1): Platform {
  const heard = new Map<string, Set<(payload: never) => void>>();
  const stage: Stage = {
    world,
    clock: new Clockwork(pace),
    emit: (event, payload) => heard.get(event)?.forEach((tell) => tell(structuredClone(payload) as never)),
    changed: () => stage.emit('snapshot', world.snapshot),
  };
  const commands: Part = Object.assign(
    {},
    ...[engine, signIn, certificates, trust, logs, settings, install, desktop, health].map((part) =>
      part(stage),
    ),
  );
  return {
    async invoke(command, args) {
      const run = commands[command] as ((args: unknown) => unknown) | undefined;
      if (!run) throw new Error(`the twin does not know ${command}`);
      await stage.clock.wait(20);
      // A copy, as over the wire: neither side sees the other's later changes.
      return structuredClone(await run(structuredClone(args))) as never;
    },
    async listen(event, tell) {
      const tellers = heard.get(event) ?? new Set();
      heard.set(event, tellers.add(tell as never));
      return () => void tellers.delete(tell as never);
    },
  };
}
