import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { Door } from '../../browser/support/door.js';
import { run } from '../../browser/support/processes.js';
import { doorcode } from '../../browser/support/programs.js';
import { HOSTILE_USER, Person, PUBLIC_URL, steps } from '../support/person.js';
import { parseYaml, python } from '../support/tools.js';

const SAID = ['--public-url', PUBLIC_URL, '--allow', HOSTILE_USER];
const PODS = ['--proxy', '10.244.0.0/16'];

test('the Containerfile has nothing that hadolint objects to', async () => {
  await python('hadolint', ['Containerfile']);
});

describe('the Compose stack', () => {
  let person, recipe, stack, contents;

  before(async () => {
    person = await Person.with();
    recipe = await person.recipe('compose', ...SAID);
    [stack] = await parseYaml(recipe);
    // As Compose does it: $$ is a $.
    contents = Object.fromEntries(
      Object.entries(stack.configs).map(([name, { content }]) => [name, content.replaceAll('$$', '$')]),
    );
  });

  after(async () => {
    await person?.gone();
  });

  test('is one that Compose reads', async () => {
    // The docker-compose of Debian 12 is older than configurations within the file: they are put beside it.
    const { configs, ...rest } = stack;
    const beside = {};
    for (const name of Object.keys(configs)) {
      await writeFile(join(person.home, name), contents[name]);
      beside[name] = { file: join(person.home, name) };
    }
    const file = join(person.home, 'compose.json');
    await writeFile(file, JSON.stringify({ ...rest, configs: beside }));
    const read = await run('docker-compose', ['--file', file, 'config'], { env: person.env });
    assert.match(read, /code\.example\.com/);
  });

  test('puts no variable anywhere', async () => {
    assert.doesNotMatch(recipe.replaceAll('$$', '').replace(/^#.*$/gm, ''), /\$/);
  });

  test('publishes a port of the proxy and none of the door', async () => {
    const { pomerium, doorcode } = stack.services;
    assert.deepEqual(pomerium.ports, ['443:443']);
    for (const key of ['ports', 'expose', 'network_mode', 'privileged']) assert.ok(!(key in doorcode), key);
    assert.equal(doorcode.read_only, true);
    assert.deepEqual(doorcode.cap_drop, ['ALL']);
    assert.equal(doorcode.user, '1000:1000');
  });

  test('has a configuration for Pomerium that leads to the door and to those who may come in', async () => {
    const [config] = await parseYaml(contents.pomerium);
    assert.equal(config.routes[0].to, 'http://doorcode:8443');
    assert.deepEqual(config.routes[0].policy, [{ allow: { or: [{ email: { is: HOSTILE_USER } }] } }]);
    for (const key of ['shared_secret_file', 'cookie_secret_file']) {
      assert.match(config[key], /^\/run\/secrets\/pomerium-/);
    }
  });

  test('has settings with which the door starts', async () => {
    const door = await Door.open({
      settings: ({ port }) =>
        withoutEditor(contents.settings).replace('172.30.77.3:8443', `127.0.0.1:${port}`),
    });
    try {
      const { state, auth } = await door.json(['status']);
      assert.deepEqual({ state, auth }, { state: 'running', auth: 'trusted-proxy' });
    } finally {
      await door.close();
    }
  });
});

describe('the Kubernetes manifests', () => {
  let person, recipe, documents;

  before(async () => {
    person = await Person.with();
    recipe = await person.recipe('kubernetes', ...SAID, ...PODS);
    documents = await parseYaml(recipe);
  });

  after(async () => {
    await person?.gone();
  });

  test("are what Kubernetes' schemas allow, and nothing more", async () => {
    const file = join(person.home, 'doorcode.yaml');
    await writeFile(file, recipe);
    await python('kubernetes-validate', ['--strict', file]);
    const broken = join(person.home, 'broken.yaml');
    await writeFile(broken, recipe.replace('readOnlyRootFilesystem', 'readOnlyRootFileSystem'));
    await assert.rejects(python('kubernetes-validate', ['--strict', broken]), /readOnlyRootFileSystem/);
  });

  test('mention no volume, secret or service that is not there', async () => {
    const { spec } = document('Deployment').spec.template;
    const volumes = spec.volumes.map(({ name }) => name);
    for (const { volumeMounts } of [...spec.initContainers, ...spec.containers]) {
      for (const { name } of volumeMounts) assert.ok(volumes.includes(name), name);
    }
    const made = [...recipe.matchAll(/create secret generic (\S+)/g)].map(([, name]) => name);
    const annotations = document('Ingress').metadata.annotations;
    assert.ok(made.includes(annotations['ingress.pomerium.io/tls_custom_ca_secret']), recipe);
    assert.ok(made.includes(spec.volumes.find(({ secret }) => secret).secret.secretName), recipe);
    const [{ http }] = document('Ingress').spec.rules;
    assert.equal(http.paths[0].backend.service.name, document('Service').metadata.name);
  });

  test('keep to the restricted standard and let only Pomerium in', async () => {
    const { spec } = document('Deployment').spec.template;
    assert.equal(spec.securityContext.runAsNonRoot, true);
    assert.equal(spec.securityContext.seccompProfile.type, 'RuntimeDefault');
    for (const { securityContext } of [...spec.initContainers, ...spec.containers]) {
      assert.deepEqual(securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
    const [{ from }] = document('NetworkPolicy').spec.ingress;
    assert.deepEqual(from, [
      { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'pomerium' } } },
    ]);
  });

  test('ask Pomerium for all that an editor needs and that is off by default', async () => {
    const { annotations } = document('Ingress').metadata;
    for (const name of [
      'allow_websockets',
      'preserve_host_header',
      'pass_identity_headers',
      'secure_upstream',
    ]) {
      assert.equal(annotations[`ingress.pomerium.io/${name}`], 'true', name);
    }
    const [policy] = await parseYaml(annotations['ingress.pomerium.io/policy']);
    assert.deepEqual(policy, [{ allow: { or: [{ email: { is: HOSTILE_USER } }] } }]);
  });

  test('have steps that make a certificate with which the door starts', async () => {
    const secrets = join(person.home, 'secrets');
    await mkdir(secrets);
    const env = await person.stubs({
      doorcode: `exec '${doorcode()}' "$@"`,
      kubectl: `
        for word; do case $word in
          --from-file=*=*) pair=\${word#--from-file=}; cat "\${pair#*=}" > '${secrets}'/"\${pair%%=*}" ;;
        esac; done`,
    });
    const lines = steps(recipe);
    const first = lines.findIndex((line) => line.startsWith('kubectl create namespace'));
    await run('sh', ['-e', '-c', lines.slice(first).join('\n')], { env: { ...env, TMPDIR: person.home } });

    const ofTheRun = join(person.home, 'run');
    await mkdir(ofTheRun);
    const { command } = document('Deployment').spec.template.spec.initContainers[0];
    const here = command.map((word) =>
      word.replaceAll('/run/doorcode', ofTheRun).replaceAll('/secret/', `${secrets}/`),
    );
    await run(here[0], here.slice(1), { env });
    const settings = document('ConfigMap').data['settings.toml'].replaceAll('/run/doorcode', ofTheRun);
    const door = await Door.open({
      settings: ({ port }) => withoutEditor(settings).replace('0.0.0.0:8443', `127.0.0.1:${port}`),
    });
    try {
      // As Pomerium does: for that name, with that root.
      const root = join(secrets, 'ca.crt');
      const connect = ['--silent', '--cacert', root, '--resolve', `code.example.com:${door.port}:127.0.0.1`];
      const page = ['--output', '/dev/null', '--write-out', '%{http_code}', `${PUBLIC_URL}:${door.port}/`];
      assert.equal(await run('curl', [...connect, ...page]), '403');
    } finally {
      await door.close();
    }
    assert.match(await readFile(join(ofTheRun, 'tls.key'), 'utf8'), /PRIVATE KEY/);
  });

  function document(kind) {
    return documents.find((document) => document.kind === kind);
  }
});

/** `Door` writes that table itself. */
function withoutEditor(settings) {
  return settings.replace(/^\[editor\]\n(?:.+\n)*/m, '');
}
