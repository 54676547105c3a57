import { join } from 'node:path';

import { run, start, stop } from '../../browser/support/processes.js';
import { removeFolder, scratchFolder } from '../../browser/support/scratch.js';
import { until } from '../../browser/support/wait.js';

/** Who is nobody in particular. */
const PERSON = '12345';
const HOME = '/home/person';
const RUNTIME = '/run/person';

/** apt on a busy machine. */
const APT = { timeout: 120_000 };

/**
 * $1 is where it is put together, then come pairs: something of this machine, and where that is seen in it. Whatever is
 * changed lies in memory and is gone with the namespace. It has a network of its own, which leads nowhere.
 */
const PUT_TOGETHER = `
set -eu
place=$1; shift
mount -t tmpfs tmpfs "$place"
cd "$place"
mkdir upper work root
mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work root
mount --rbind /dev root/dev
mount --rbind /proc root/proc
mount -t tmpfs -o mode=755 tmpfs root/run
mount -t tmpfs -o mode=1777 tmpfs root/tmp
while [ $# -gt 0 ]; do
  if [ -d "$1" ]; then mkdir -p "root$2"; else touch "root$2"; fi
  mount --bind -o ro "$1" "root$2"
  shift 2
done
# A container's image may have told dpkg to leave these out.
printf 'path-include=/usr/share/%s/*\\n' doc man >root/etc/dpkg/dpkg.cfg.d/zz-everything
ip link set lo up
echo together
exec cat
`;

/** A machine just like this one, on which packages are installed without this one noticing. */
export class Machine {
  #folder;
  #init;

  /** @param {Record<string, string>} shown files and folders of this machine, and where they are seen, read-only */
  static async open(shown) {
    if (process.getuid() !== 0) {
      throw new Error('A package can only be installed by root, on whatever machine: run `sudo make test`.');
    }
    const machine = new Machine();
    machine.#folder = await scratchFolder();
    const script = ['sh', '-c', PUT_TOGETHER, 'sh', machine.#folder, ...Object.entries(shown).flat()];
    machine.#init = start('unshare', ['--mount', '--net', ...script], {});
    const { child, output } = machine.#init;
    await until('the machine is put together', () => {
      if (child.exitCode !== null) throw new Error(output());
      return output().includes('together\n');
    });
    await machine.root('install', ['-d', '-o', PERSON, '-g', PERSON, '-m', '700', HOME, RUNTIME]);
    return machine;
  }

  async close() {
    if (this.#init) await stop(this.#init, 10);
    await removeFolder(this.#folder);
  }

  /** Runs a program as root and gives what it printed. */
  root(program, args, options = {}) {
    return run('nsenter', this.#arguments(program, args), {
      ...options,
      env: environment({ HOME: '/root' }),
    });
  }

  /** The same as a person without any rights, and without a display. */
  person(program, args, options = {}) {
    return run('nsenter', this.#asPerson(program, args), {
      ...options,
      env: environment({ HOME, XDG_RUNTIME_DIR: RUNTIME }),
    });
  }

  /** Starts a program of that person. */
  start(program, args) {
    return start('nsenter', this.#asPerson(program, args), {
      env: environment({ HOME, XDG_RUNTIME_DIR: RUNTIME }),
    });
  }

  /** Everything in that person's home: a line a file, with what is in it. */
  home() {
    return this.root('sh', ['-c', 'cd "$1" && find . -type f -exec sha256sum {} + | sort -k 2', 'sh', HOME]);
  }

  /** Runs apt-get, with what is on this machine only. */
  apt(...args) {
    return this.root('apt-get', ['--yes', '--no-install-recommends', ...args], APT);
  }

  #asPerson(program, args) {
    const person = [`--reuid=${PERSON}`, `--regid=${PERSON}`, '--clear-groups', program, ...args];
    return this.#arguments('setpriv', person);
  }

  #arguments(program, args) {
    const root = join(this.#folder, 'root');
    const enter = [`--target=${this.#init.child.pid}`, '--mount', '--net'];
    return [...enter, 'chroot', root, program, ...args];
  }
}

/** Nothing of whoever runs the tests. */
function environment(own) {
  const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  return { PATH, LANG: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive', ...own };
}
