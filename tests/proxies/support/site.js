import { join } from 'node:path';

import { Door } from '../../browser/support/door.js';
import { freePort } from '../../browser/support/ports.js';
import { removeFolder, scratchFolder } from '../../browser/support/scratch.js';
import { startAuthService } from './auth-service.js';
import { makeAuthority } from './authority.js';
import { startCaddy } from './caddy.js';
import { doctor } from './doctor.js';
import { edited } from './edit.js';
import { startNginx } from './nginx.js';
import { PERSON } from './people.js';
import { startProvider } from './provider.js';
import { caddyHere, followRecipe, nginxHere, settingsOf } from './recipe.js';

/**
 * An application as people meet it: a proxy with its recipe, an OpenID provider and an auth service that sign people in for it,
 * and the door with its editor behind.
 *
 * `url` is its address, `authority` vouches for it; only `PERSON` may come in.
 */
export class Site {
  #closing = [];
  #kind;
  #proxy;

  /**
   * @param {{ proxy: 'nginx' | 'caddy', proof?: 'header' | 'mtls' | 'unix-socket' }} kind what the door knows the proxy by: as the
   *   recipe suggests it, by a certificate of `authority`, or by a socket, over which there is no TLS
   */
  static async open({ proxy, proof = 'header' }) {
    const site = new Site();
    try {
      await site.#prepare(proxy, proof);
      await site.startProxy();
    } catch (error) {
      await site.close().catch(() => {}); // What failed first is what matters.
      throw error;
    }
    return site;
  }

  /** Where requests without a browser go. */
  get place() {
    return { url: this.url, ca: this.authority.root };
  }

  /** Starts the proxy with its recipe, after an edit; nginx with that `worker`. One that runs is ended first. */
  async startProxy(edit = (recipe) => recipe, { worker } = {}) {
    await this.#stopProxy();
    const recipe = edit(this.recipe);
    const folder = await scratchFolder();
    this.#proxy = { close: async () => {}, folder };
    const { close } = await (this.#kind === 'nginx'
      ? startNginx(folder, nginxHere(recipe, this.port), this.port, worker)
      : startCaddy(folder, caddyHere(recipe, this.authority), this.port));
    this.#proxy = { close, folder };
  }

  /** The codes of what the doctor names, the first thing that is broken first. */
  async causes() {
    return (await doctor(this)).causes.map(({ code }) => code);
  }

  /** The codes that the status tells, and the tray with it. */
  async told() {
    return (await this.door.json(['status'])).problems.map(({ code }) => code);
  }

  async close() {
    const errors = [];
    const all = [...this.#closing, () => this.#stopProxy()];
    for (const close of all.toReversed()) await close().catch((error) => errors.push(error));
    if (errors.length > 0) throw new AggregateError(errors, errors.map(({ message }) => message).join('\n'));
  }

  async #prepare(proxy, proof) {
    this.#kind = proxy;
    const home = await scratchFolder();
    this.#closing.push(() => removeFolder(home));
    this.authority = await makeAuthority(home);
    this.port = await freePort();
    this.url = `https://localhost:${this.port}`;
    this.provider = await startProvider(this.url);
    this.#closing.push(this.provider.close);
    this.auth = await startAuthService(this.provider, this.url);
    this.#closing.push(this.auth.close);
    const settings = async (door) => {
      const options = ['--auth-url', this.auth.url];
      this.settings = await this.#settingsWith(proof, door, options);
      await door.configure(this.settings);
      this.recipe = await followRecipe(proxy, door, options, join(home, 'proxy'), this.authority);
      return this.settings;
    };
    // Of all the world's authorities, the machine knows this one.
    const env = { SSL_CERT_FILE: this.authority.rootFile };
    this.door = await Door.open({ files: { 'notes.txt': '' }, settings, env });
    this.#closing.push(() => this.door.close());
  }

  async #settingsWith(proof, door, options) {
    if (proof === 'unix-socket') return this.#unixSocket(door);
    const gateway = `[gateway]\nlisten = ["127.0.0.1:${door.port}"]\nhosts = ["localhost"]\n`;
    const person = ['--public-url', this.url, '--allow', PERSON];
    const suggested = await settingsOf(this.#kind, door, gateway, [...options, ...person]);
    if (proof === 'header') return suggested;
    return edited(suggested, /^proof = .*$/gm, `proof = "mtls"\nclient_ca = "${this.authority.rootFile}"`);
  }

  /** Written by hand: only a door that trusts a proxy may listen on a socket. */
  #unixSocket({ person }) {
    return `[gateway]
listen = ["unix:${person.XDG_RUNTIME_DIR}/door"]
hosts = ["localhost"]

[tls]
mode = "off"

[auth]
mode = "trusted-proxy"

[auth.trusted_proxy]
preset = "oauth2-proxy"
public_url = "${this.url}"
allow_users = ["${PERSON}"]
proof = "unix-socket"
`;
  }

  async #stopProxy() {
    if (!this.#proxy) return;
    const { close, folder } = this.#proxy;
    this.#proxy = undefined;
    await close();
    await removeFolder(folder);
  }
}
