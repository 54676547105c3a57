import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Door } from '../../browser/support/door.js';
import { run } from '../../browser/support/processes.js';
import { HOSTILE_FOLDER, HOSTILE_USER, Person, PUBLIC_URL } from '../support/person.js';
import { parseYaml } from '../support/tools.js';

const SAID = ['--public-url', PUBLIC_URL, '--allow', HOSTILE_USER];

/** The doors that a proxy can stand before. */
const DOORS = {
  'with a certificate of its own and a secret': { settings: '' },
  'in plain http on a unix socket with a hostile name': {
    settings: `
[gateway]
listen = ["unix:/run/a b;\\"'#.sock"]
[tls]
mode = "off"
[auth]
mode = "trusted-proxy"
[auth.trusted_proxy]
preset = "oauth2-proxy"
public_url = "${PUBLIC_URL}"
allow_users = ["*"]
proof = "unix-socket"
`,
  },
  'that asks the proxy for a certificate': {
    settings: `
[gateway]
listen = ["[::1]:8443"]
[auth]
mode = "trusted-proxy"
[auth.trusted_proxy]
preset = "oauth2-proxy"
public_url = "${PUBLIC_URL}"
proxies = ["::1"]
allow_users = ["*"]
proof = "mtls"
client_ca = "/etc/doorcode/ca.pem"
`,
  },
};

for (const [which, { settings }] of Object.entries(DOORS)) {
  describe(`a door ${which}`, () => {
    let person, files;

    before(async () => {
      person = await Person.with(settings);
      files = join(person.home, HOSTILE_FOLDER);
      await mkdir(files);
      await makeCertificates(person, files);
    });

    after(async () => {
      await person?.gone();
    });

    test('nginx takes the recipe as it is', async () => {
      const recipe = await person.recipe('nginx', ...SAID, '--files', files);
      await run('sh', ['-e', '-c', proofStep(recipe)], { env: await person.stubs({ sudo: 'exec "$@"' }) });
      await writeFile(join(person.home, 'recipe.conf'), recipe);
      const main = `pid ${person.home}/pid;\nevents {}\nhttp { access_log off; include ${person.home}/recipe.conf; }\n`;
      await writeFile(join(person.home, 'nginx.conf'), main);
      await run('nginx', ['-t', '-q', '-p', person.home, '-c', 'nginx.conf', '-e', 'stderr'], {
        env: person.env,
      });
    });

    test('Caddy takes the recipe as it is', async () => {
      const recipe = await person.recipe('caddy', ...SAID, '--files', files);
      const env = await person.stubs({ sudo: 'exec "$@"', chown: ':' });
      await run('sh', ['-e', '-c', proofStep(recipe)], { env });
      await writeFile(join(person.home, 'recipe.caddy'), recipe);
      await writeFile(join(person.home, 'Caddyfile'), `import ${person.home}/recipe.caddy\n`);
      const config = ['--config', join(person.home, 'Caddyfile'), '--adapter', 'caddyfile'];
      await run('caddy', ['validate', ...config], { env: person.env });
      const formatted = await run('caddy', ['fmt', join(person.home, 'recipe.caddy')], { env: person.env });
      assert.equal(formatted, recipe);
    });
  });
}

describe("Caddy's recipe", () => {
  let person, adapted;

  before(async () => {
    person = await Person.with();
    await writeFile(join(person.home, 'doorcode-proof.caddy'), 'header_up x-doorcode-proof "secret"\n');
    const recipe = await person.recipe('caddy', ...SAID, '--files', person.home);
    await writeFile(join(person.home, 'recipe.caddy'), recipe);
    const json = await run(
      'caddy',
      ['adapt', '--config', join(person.home, 'recipe.caddy'), '--adapter', 'caddyfile'],
      {
        env: person.env,
      },
    );
    // Names of headers are the same in either case.
    adapted = json.toLowerCase();
  });

  after(async () => {
    await person?.gone();
  });

  test("takes a browser's own headers off before anything else looks at them", async () => {
    const taken = adapted.indexOf('"delete":["x-forwarded-user"]');
    assert.ok(taken >= 0, adapted);
    assert.ok(taken < adapted.indexOf('"uri":"/oauth2/auth"'), adapted);
    assert.ok(taken < adapted.indexOf('"set":{"x-forwarded-user"'), adapted);
  });

  test('shows the secret to the door only', async () => {
    assert.equal(adapted.split('"x-doorcode-proof":["secret"]').length, 2, adapted);
    const door = adapted.slice(adapted.indexOf('"x-doorcode-proof":["secret"]'));
    assert.match(door, /"dial":"127\.0\.0\.1:8443"/);
  });
});

test('what the recipe says at first contact is let in, and a browser that says it is not', async () => {
  const person = await Person.with();
  const said = ['--public-url', PUBLIC_URL, '--allow', 'ada@example.com'];
  const door = await Door.open({
    settings: async ({ port }) => {
      const gateway = `[gateway]\nlisten = ["127.0.0.1:${port}"]\n`;
      await writeFile(person.settingsFile, gateway);
      const recipe = await person.recipe('nginx', ...said, '--files', person.home);
      await run('sh', ['-e', '-c', proofStep(recipe)], { env: await person.stubs({ sudo: 'exec "$@"' }) });
      return `${gateway}\n${await person.recipe('nginx', ...said, '--settings-table')}`;
    },
  });
  try {
    const root = join(person.home, 'root.pem');
    await writeFile(root, await door.doorcode(['cert', 'export', 'localhost']));
    const include = await readFile(join(person.home, 'doorcode-proof.nginx.conf'), 'utf8');
    const [, header, secret] = /^proxy_set_header (\S+) "(\w+)";\n$/.exec(include);
    // As nginx does: TLS for the name on the certificate, the browser's host in Host.
    const status = (...headers) =>
      run('curl', [
        ...['--silent', '--cacert', root, '--output', '/dev/null', '--write-out', '%{http_code}'],
        ...['Host: code.example.com', ...headers].flatMap((line) => ['--header', line]),
        `https://localhost:${door.port}/healthz`,
      ]);
    const [proof, user] = [`${header}: ${secret}`, 'X-Forwarded-Email: ada@example.com'];
    assert.equal(await status(proof, user), '200');
    assert.equal(await status(user), '403');
    assert.equal(await status(proof, 'X-Forwarded-Email: eve@example.com'), '403');
    assert.equal(await status(proof), '401');
  } finally {
    await door.close();
    await person.gone();
  }
});

// Traefik itself is in no package archive that the tests can use: what its file provider would stumble over is looked at here.
describe("Traefik's recipe", () => {
  let person;

  before(async () => {
    person = await Person.with();
  });

  after(async () => {
    await person?.gone();
  });

  test('as a file names nothing that it does not define', async () => {
    const recipe = await person.recipe('traefik', ...SAID);
    const proof = join(person.home, 'doorcode-proof.yaml');
    const step = proofStep(recipe).replace('/etc/traefik/dynamic/doorcode-proof.yaml', proof);
    await run('sh', ['-e', '-c', step], { env: await person.stubs({ sudo: 'exec "$@"' }) });
    const [{ http }] = await parseYaml(recipe);
    const [{ http: beside }] = await parseYaml(await readFile(proof, 'utf8'));
    const middlewares = { ...http.middlewares, ...beside.middlewares };
    for (const router of Object.values(http.routers)) {
      assert.ok(http.services[router.service], router.service);
      for (const name of router.middlewares ?? []) assert.ok(middlewares[name], name);
    }
    assert.deepEqual(http.routers.doorcode.middlewares, [
      'doorcode-clean',
      'doorcode-sign-in',
      'doorcode-proof',
    ]);
    const { loadBalancer } = http.services.doorcode;
    assert.ok(http.serversTransports[loadBalancer.serversTransport]);
    assert.equal(loadBalancer.passHostHeader, true);
    const secret = (await readFile(join(person.env.XDG_DATA_HOME, 'doorcode/proxy-secret'), 'utf8')).trim();
    const added = beside.middlewares['doorcode-proof'].headers.customRequestHeaders;
    assert.deepEqual(added, { 'x-doorcode-proof': secret });
    assert.equal(http.middlewares['doorcode-clean'].headers.customRequestHeaders['x-doorcode-proof'], '');
  });

  test('as labels says the same, with the secret in no label', async () => {
    const [{ labels }] = await parseYaml(await person.recipe('traefik', ...SAID, '--format', 'labels'));
    const of = (key) => labels[`traefik.http.${key}`];
    assert.equal(of('routers.doorcode.rule'), 'Host(`code.example.com`)');
    assert.equal(of('routers.doorcode.middlewares'), 'doorcode-clean,doorcode-sign-in,doorcode-proof@file');
    assert.equal(of('services.doorcode.loadbalancer.server.port'), '8443');
    assert.equal(of('middlewares.doorcode-sign-in.forwardauth.authresponseheaders'), 'x-auth-request-email');
    for (const value of Object.values(labels)) assert.equal(typeof value, 'string');
  });
});

test("Tailscale's recipe is a script that hands tailscale the socket as one word", async () => {
  const socket = "/run/a b;$(x)'.sock";
  const person = await Person.with(`[gateway]
listen = ["unix:${socket}"]
[tls]
mode = "off"
[auth]
mode = "trusted-proxy"
[auth.trusted_proxy]
preset = "tailscale"
public_url = "https://desk.tailnet.ts.net"
allow_users = ["*"]
proof = "unix-socket"
`);
  try {
    const env = await person.stubs({ tailscale: 'for word; do printf "<%s>" "$word"; done; echo' });
    const said = await run('sh', ['-c', await person.recipe('tailscale')], { env });
    assert.equal(said, `<serve><--bg><--https=443><unix:${socket}>\n<serve><status>\n`);
  } finally {
    await person.gone();
  }
});

describe("Pomerium's recipe", () => {
  let person;

  before(async () => {
    person = await Person.with();
  });

  after(async () => {
    await person?.gone();
  });

  for (const name of ['pomerium-core', 'pomerium-zero']) {
    test(`${name} has all that an editor needs and that is off by default`, async () => {
      const [config] = await parseYaml(await person.recipe(name, ...SAID));
      const [route] = config.routes;
      assert.equal(route.from, PUBLIC_URL);
      assert.equal(route.to, 'https://127.0.0.1:8443');
      assert.equal(route.allow_websockets, true);
      assert.equal(route.preserve_host_header, true);
      assert.equal(route.pass_identity_headers, true);
      assert.deepEqual(config.jwt_claims_headers, { 'X-Pomerium-Claim-Email': 'email' });
      assert.deepEqual(route.policy, [{ allow: { or: [{ email: { is: HOSTILE_USER } }] } }]);
    });
  }
});

/** The step of a recipe that hands the proxy the secret; without one there is nothing to do. */
function proofStep(recipe) {
  return [...recipe.matchAll(/^# {6}((?:test|printf) .*)$/gm)].map(([, line]) => line).join('\n') || ':';
}

/** Whatever certificate a recipe speaks of: one and the same, because it is only read. */
async function makeCertificates(person, files) {
  const [certificate, key] = ['c.pem', 'k.pem'].map((name) => join(person.home, name));
  const made = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=door',
  ];
  await run('openssl', ['req', '-x509', ...made, '-out', certificate, '-keyout', key], { env: person.env });
  for (const name of ['public', 'proxy-client']) {
    await copyFile(certificate, join(files, `${name}.pem`));
    await copyFile(key, join(files, `${name}-key.pem`));
  }
  await copyFile(certificate, join(files, 'door-root.pem'));
}
