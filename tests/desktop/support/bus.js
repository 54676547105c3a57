import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { run, start, stop } from '../../browser/support/processes.js';
import { until } from '../../browser/support/wait.js';

/** Everything is allowed and nothing is activated: on this bus there is only what a test has started. */
const configuration = (
  socket,
) => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${socket}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;

/** A session bus of its own. */
export class Bus {
  #daemon;
  #env;

  /** @param {{ home: string, env: Record<string, string> }} session */
  static async open({ home, env }) {
    const bus = new Bus();
    const socket = join(env.XDG_RUNTIME_DIR, 'bus');
    const file = join(home, 'session-bus.conf');
    await writeFile(file, configuration(socket));
    bus.address = `unix:path=${socket}`;
    bus.#env = env;
    bus.#daemon = start('dbus-daemon', [`--config-file=${file}`, '--nofork', '--print-address'], { env });
    await until('the session bus answers', () => bus.#daemon.output().includes('unix:'), { seconds: 10 });
    return bus;
  }

  /** Whether somebody on the bus has this name. */
  async has(name) {
    return this.call(
      'org.freedesktop.DBus',
      '/org/freedesktop/DBus',
      'org.freedesktop.DBus',
      'NameHasOwner',
      's',
      name,
    );
  }

  /** Waits until somebody has this name. */
  async appears(name, seconds = 15) {
    await until(`${name} is on the session bus`, () => this.has(name), { seconds });
  }

  /** Calls a method whose arguments have the given D-Bus signature; gives its answer, a list if it has several values. */
  async call(service, path, interfaceName, method, signature = '', ...args) {
    const answer = await this.#busctl('call', service, path, interfaceName, method, signature, ...args);
    const { data = [] } = answer ? JSON.parse(answer) : {};
    return data.length === 1 ? data[0] : data;
  }

  async property(service, path, interfaceName, name) {
    return JSON.parse(await this.#busctl('get-property', service, path, interfaceName, name)).data;
  }

  /**
   * Records the calls that match, from now on.
   *
   * @param {string} match a D-Bus match rule
   * @returns `calls()` gives the arguments of each so far; `stop()` ends it
   */
  async record(match) {
    const monitor = start(
      'busctl',
      [`--address=${this.address}`, '--json=short', `--match=${match}`, 'monitor'],
      {
        env: this.#env,
      },
    );
    let recorded = '';
    monitor.child.stdout.on('data', (text) => (recorded += text));
    await until('busctl monitors the bus', () => monitor.output().includes('Monitoring bus'), {
      seconds: 10,
    });
    const complete = () => recorded.slice(0, recorded.lastIndexOf('\n') + 1).split('\n');
    const calls = () =>
      complete()
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line).payload.data);
    return { calls, stop: () => stop(monitor, 5) };
  }

  async close() {
    await stop(this.#daemon, 5);
  }

  async #busctl(verb, ...args) {
    return run(
      'busctl',
      [`--address=${this.address}`, '--json=short', '--timeout=10', '--', verb, ...args.map(String)],
      {
        env: this.#env,
      },
    );
  }
}
