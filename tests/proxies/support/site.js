import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { Door } from '../../browser/support/door.js';
import { freePort } from '../../browser/support/ports.js';
import { removeFolder, scratchFolder } from '../../browser/support/scratch.js';
import { startAuthService } from './auth-service.js';
import { makeAuthority } from './authority.js';
import { startNginx } from './nginx.js';
import { startProvider } from './provider.js';

/** Who may come in. */
export const PERSON = 'person@example.com';

/** An application as people meet it: a proxy, who signs people in for it, and the door with its editor behind. */
export class Site {
  #closing = [];

  static async open() {
    const site = new Site();
    try {
      await site.#prepare();
    } catch (error) {
      await site.close().catch(() => {}); // What failed first is what matters.
      throw error;
    }
    return site;
  }

  async #prepare() {
    this.home = await scratchFolder();
    this.#closing.push(() => removeFolder(this.home));
    this.authority = await makeAuthority(this.home);
    this.port = await freePort();
    this.url = `https://localhost:${this.port}`;
    this.provider = await startProvider(this.url);
    this.#closing.push(this.provider.close);
    this.auth = await startAuthService(this.provider, this.url);
    this.#closing.push(this.auth.close);
    this.door = await Door.open({
      files: { 'notes.txt': '' },
      settings: (door) => `[gateway]\nlisten = ["127.0.0.1:${door.port}"]\nhosts = ["localhost"]\n[auth]\nmode="none"\n`,
    });
    this.#closing.push(() => this.door.close());
    const http = `
map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
server {
  listen 127.0.0.1:${this.port} ssl http2;
  ssl_certificate ${this.authority.certFile};
  ssl_certificate_key ${this.authority.keyFile};
  location /oauth2/ { proxy_pass ${this.auth.url}; proxy_set_header Host $http_host; proxy_set_header X-Auth-Request-Redirect $request_uri;}
  location = /oauth2/auth { internal; proxy_pass ${this.auth.url}; proxy_pass_request_body off; proxy_set_header Content-Length ""; }
  location / {
    auth_request /oauth2/auth;
    error_page 401 = /oauth2/start;
    auth_request_set $email $upstream_http_x_auth_request_email;
    proxy_set_header X-Forwarded-Email $email;
    proxy_pass https://127.0.0.1:${this.door.port};
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $connection_upgrade;
    proxy_read_timeout 1h;
    proxy_buffering off;
  }
}`;
    const nginx = await startNginx(join(this.home, 'nginx'), http, this.port);
    this.#closing.push(nginx.close);
  }

  async close() {
    const errors = [];
    for (const close of this.#closing.toReversed()) await close().catch((error) => errors.push(error));
    if (errors.length > 0) throw new AggregateError(errors, errors.map(({ message }) => message).join('\n'));
  }
}
