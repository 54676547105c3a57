import type { Part, Stage } from '.';
import type { Reloaded } from '../types';
import { problem } from './problem';

const LIVE: Reloaded = { applied: ['auth.mode'], restart_editor: [], restart_engine: [] };

/** Who may come in, and who is. */
export function signIn({ world, changed }: Stage): Part {
  const { status } = world.snapshot;

  function everybodyOut(): number {
    const count = world.sessions.length;
    world.sessions = [];
    status.sessions = 0;
    status.connections = 0;
    changed();
    return count;
  }

  function take(value: string) {
    world.password = { value, state: { ...world.password.state, new: false } };
    if (world.password.state.kept === 'none') world.password.state.kept = 'keyring';
    everybodyOut();
    return { password: value, hash_only: world.password.state.kept === 'hash-only' };
  }

  return {
    set_auth: ({ mode }) => {
      if (mode === 'none' && world.fails.has('auth-none')) {
        throw problem(
          'auth_none_exposed',
          'auth.mode = "none" is refused: 192.168.1.20:8443 can be reached by other machines, and each of them would get a shell here',
          'listen on 127.0.0.1 only, or set auth.none_beyond_loopback = true',
        );
      }
      status.auth = mode;
      const key = world.settings.keys.find(({ name }) => name === 'auth.mode');
      if (key) Object.assign(key, { value: mode, is_set: mode !== 'password' });
      changed();
      return LIVE;
    },
    password_state: () => world.password.state,
    show_password: () => {
      if (world.fails.has('keyring')) {
        throw problem(
          'password_unreadable',
          'the keyring is locked',
          'unlock the keyring (sign in to the desktop, or answer its question) and try again',
        );
      }
      const once = world.password.state.new && world.password.state.kept === 'hash-only';
      world.password.state.new = false;
      return { password: world.password.value, hash_only: once };
    },
    copy_password: () => {
      world.password.state.new = false;
    },
    set_password: ({ password }) => {
      if (password.length < 8) {
        throw problem('password_refused', 'the password is shorter than 8 characters', 'choose a longer one');
      }
      take(password);
    },
    generate_password: () => take('amber-walnut-signal-tundra-07'),
    sessions: () => world.sessions,
    revoke_session: ({ id }) => {
      world.sessions = world.sessions.filter((session) => session.id !== id);
      status.sessions = world.sessions.length;
      changed();
    },
    revoke_all_sessions: () => ({ count: everybodyOut() }),
  };
}
