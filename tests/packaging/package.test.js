import assert from 'node:assert/strict';
import { dirname, join, relative, sep } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { run, stop } from '../browser/support/processes.js';
import { codeServer, node } from '../browser/support/programs.js';
import { removeFolder, scratchFolder } from '../browser/support/scratch.js';
import { until } from '../browser/support/wait.js';
import { Machine } from './support/machine.js';
import { buildPackage, laterPackage } from './support/package.js';

const FIRST = '/var/tmp/doorcode.deb';
const LATER = '/var/tmp/doorcode-later.deb';
const LATER_VERSION = '99.0.0';
const EDITOR = '/opt/editor';

// One machine's life, in order.
describe('the Debian package', { timeout: 40 * 60_000 }, () => {
  let folder, machine, path, version;

  before(async () => {
    folder = await scratchFolder();
    path = await buildPackage();
    version = (await run('dpkg-deb', ['--field', path, 'Version'])).trim();
    const later = await laterPackage(path, LATER_VERSION, folder);
    machine = await Machine.open({ [path]: FIRST, [later]: LATER, [editorFolder()]: EDITOR });
  });

  after(async () => {
    await machine?.close();
    if (folder) await removeFolder(folder);
  });

  test('is as Debian wants packages to be', async () => {
    await run('lintian', ['--allow-root', '--fail-on', 'error,warning', path], { timeout: 120_000 });
  });

  test('is installed by apt', async () => {
    await machine.apt('install', FIRST);
    assert.equal(await installedVersion(), version);
  });

  test('has both programs, which say their version on a machine without a display', async () => {
    assert.equal(await machine.person('doorcode', ['--version']), `doorcode ${version}\n`);
    assert.equal(await machine.person('doorcode-desktop', ['--version']), `doorcode-desktop ${version}\n`);
  });

  test('has a command that needs nothing of a desktop', async () => {
    const libraries = await machine.person('ldd', ['/usr/bin/doorcode']);
    assert.match(libraries, /libc\.so/);
    assert.doesNotMatch(libraries, /libgtk|libwebkit|libX11|libwayland|libdbus/);
  });

  test('opens the door to the editor', async () => {
    const entry = join(EDITOR, relative(editorFolder(), codeServer()));
    const settings = `[editor]\nprogram = "${entry}"\n`;
    await machine.person(
      'sh',
      ['-c', 'mkdir -p ~/.config/doorcode && cat >~/.config/doorcode/settings.toml'],
      {
        input: settings,
      },
    );
    const engine = machine.start('doorcode', ['up']);
    try {
      await until('the editor runs', editorRuns, { seconds: 60 });
      await machine.person('doorcode', ['cert', 'export', 'localhost', '--out', '/tmp/root.crt']);
      const asBrowser = ['--silent', '--cacert', '/tmp/root.crt', '--header', 'Accept: text/html'];
      const page = await machine.person('curl', [...asBrowser, '--location', 'https://localhost:8443/']);
      assert.match(page, /Sign in to your editor/);
    } finally {
      assert.equal(await stop(engine, 20), 0, engine.output());
    }
  });

  test('has menu entries that are valid, and one that opens folders', async () => {
    const entries = '/usr/share/applications';
    const ours = [`${entries}/doorcode.desktop`, `${entries}/doorcode-open-folder.desktop`];
    assert.equal(await machine.person('desktop-file-validate', ours), '');
    const opens = await machine.person('grep', ['^inode/directory=', `${entries}/mimeinfo.cache`]);
    assert.match(opens, /[=;]doorcode-open-folder\.desktop;/);
    assert.doesNotMatch(opens, /[=;]doorcode\.desktop;/);
    for (const entry of ours) {
      for (const options of await optionsOf(entry)) await understandsOptions(options);
    }
  });

  test('describes itself to software centres', async () => {
    const file = '/usr/share/metainfo/dev.doorcode.desktop.metainfo.xml';
    await machine.person('appstreamcli', ['validate', '--no-net', '--pedantic', file]);
  });

  test('has the icon in every size that its menu entry can be shown in', async () => {
    const files = await filesOf();
    for (const size of [16, 32, 64, 128, 256, 512]) {
      const icon = `/usr/share/icons/hicolor/${size}x${size}/apps/doorcode.png`;
      assert.ok(files.includes(icon), `${icon} is missing`);
      const header = await machine.person('head', ['-c', '24', icon], { encoding: 'latin1' });
      assert.ok(header.includes('PNG'), `${icon} is no PNG`);
    }
  });

  test('has man pages without a mistake, for every command', async () => {
    const pages = (await filesOf()).filter((file) => file.startsWith('/usr/share/man/man1/'));
    const names = pages.map((page) => page.replace(/.*\/(.*)\.1\.gz$/, '$1'));
    assert.ok(names.includes('doorcode-cert-issue') && names.includes('doorcode-desktop'), names.join(' '));
    const render = 'for page; do man --warnings --encoding=UTF-8 --local-file "$page" 2>&1 >/dev/null; done';
    assert.equal(await machine.person('sh', ['-c', render, 'sh', ...pages]), '');
    assert.match(await machine.person('man', ['doorcode-up']), /Run the engine in the foreground/);
  });

  test("has a man page that names every option of the desktop program's help, and no other", async () => {
    const options = (text) => [...new Set(text.match(/--[a-z][a-z-]+/g))].sort();
    const help = options(
      (await machine.person('doorcode-desktop', ['--help'])).replace(/^Example: .*$/m, ''),
    );
    assert.ok(help.includes('--open-folder'), help.join(' '));
    assert.deepEqual(options(await machine.person('man', ['doorcode-desktop'])), help);
  });

  test('completes commands in bash, zsh and fish', async () => {
    const bash = `
      source /usr/share/bash-completion/completions/doorcode
      COMP_WORDS=(doorcode sta) COMP_CWORD=1
      $(complete -p doorcode | sed 's/.*-F \\([^ ]*\\).*/\\1/') doorcode sta doorcode
      echo "\${COMPREPLY[*]}"`;
    assert.equal(await machine.person('bash', ['-c', bash]), 'status start\n');
    const zsh = 'autoload -Uz compinit && compinit -D && print $_comps[doorcode] && autoload +X _doorcode';
    assert.equal(await machine.person('zsh', ['-f', '-c', zsh]), '_doorcode\n');
    assert.match(
      await machine.person('fish', ['-c', 'complete --do-complete "doorcode sta"']),
      /^start\t.*\nstatus\t/,
    );
  });

  test('has a service that is valid and off, the same that `doorcode service install` writes', async () => {
    const unit = '/usr/lib/systemd/user/doorcode.service';
    await machine.person('systemd-analyze', ['verify', '--user', unit]);
    const enabled = machine.root('systemctl', ['--global', 'is-enabled', 'doorcode.service']);
    await assert.rejects(enabled, /disabled\n/);
    const install =
      'mkdir ~/fake && ln -s /bin/true ~/fake/systemctl && PATH=~/fake:$PATH doorcode service install';
    await machine.person('sh', ['-c', install]);
    const own = await machine.person('sh', ['-c', 'cat ~/.config/systemd/user/doorcode.service']);
    assert.deepEqual(lines(await machine.person('cat', [unit])), lines(own));
    await machine.person('sh', ['-c', 'rm -r ~/fake ~/.config/systemd']);
  });

  test('has the licences of everything that is in the programs', async () => {
    const licences = await machine.person('zcat', ['/usr/share/doc/doorcode/third-party-licences.gz']);
    for (const part of ['rustls', 'tauri', 'svelte'])
      assert.match(licences, new RegExp(`^  ${part} [0-9.]+: `, 'm'));
  });

  test('is upgraded, and what people have stays as it was', async () => {
    const belongings = await belongingsOfPerson();
    await machine.apt('install', LATER);
    assert.equal(await installedVersion(), LATER_VERSION);
    assert.equal(await machine.home(), belongings);
    await machine.person('doorcode', ['settings', 'check']);
  });

  for (const verb of ['remove', 'purge']) {
    test(`leaves nothing behind after ${verb}, but what people have`, async () => {
      const belongings = await belongingsOfPerson();
      await machine.apt('install', '--allow-downgrades', FIRST);
      const files = await filesOf();
      assert.ok(files.includes('/usr/bin/doorcode'));
      await machine.apt(verb, 'doorcode');
      const left = 'for file; do if [ ! -d "$file" ]; then ls -d "$file" 2>/dev/null; fi; done; true';
      assert.equal(await machine.root('sh', ['-c', left, 'sh', ...files]), '');
      const named = ['/usr', '/etc', '/var', '-xdev', '-name', '*doorcode*', '-not', '-path', '/var/tmp/*'];
      assert.equal(await machine.root('find', named), '');
      assert.equal(await machine.home(), belongings);
    });
  }

  /** What using it has left in the person's home. */
  async function belongingsOfPerson() {
    const belongings = await machine.home();
    assert.match(belongings, /doorcode\/settings\.toml$/m);
    assert.match(belongings, /doorcode\/certs\/localhost\.key$/m);
    return belongings;
  }

  async function editorRuns() {
    return (await machine.person('doorcode', ['status'])).startsWith('running ');
  }

  async function installedVersion() {
    return machine.person('dpkg-query', ['--show', '--showformat=${Version}', 'doorcode']);
  }

  async function filesOf() {
    return (await machine.person('dpkg', ['--listfiles', 'doorcode'])).trim().split('\n');
  }

  /** The options that a menu entry gives to the desktop program, line by line. */
  async function optionsOf(entry) {
    const text = await machine.person('cat', [entry]);
    return [...text.matchAll(/^Exec=doorcode-desktop(.*)$/gm)].map(([, options]) =>
      options.trim().split(' '),
    );
  }

  /** Parsed first, so that what comes after `--help` needs no display, and a mistake is told. */
  async function understandsOptions(options) {
    const given = options.filter(Boolean).map((option) => (option === '%f' ? '/' : option));
    assert.match(await machine.person('doorcode-desktop', [...given, '--help']), /Usage/);
  }
});

/** The folder that has both the editor and the Node that runs it. */
function editorFolder() {
  let folder = dirname(codeServer());
  while (!node().startsWith(folder + sep)) folder = dirname(folder);
  return folder;
}

/** What a unit does, whatever runs it; without remarks, and without where the program and its settings are. */
function lines(unit) {
  return unit.split('\n').filter((line) => line && !/^(#|ExecStart=|Documentation=)/.test(line));
}
