import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { run } from '../../browser/support/processes.js';

/**
 * Makes a certificate authority and a certificate for localhost and 127.0.0.1 in `folder`, good for a server and a client.
 *
 * @param {string} folder
 * @returns {Promise<{ root: string, rootFile: string, certFile: string, keyFile: string, cert: string, key: string }>} the
 *   authority's certificate, the certificate with its key, and the files that hold them, all PEM
 */
export async function makeAuthority(folder) {
  const file = (name) => join(folder, name);
  const [rootFile, certFile, keyFile] = [file('root.crt'), file('server.crt'), file('server.key')];
  const fresh = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
  ];
  await run('openssl', [
    ...fresh,
    ...['-subj', '/CN=Authority of the proxy tests', '-keyout', file('root.key'), '-out', rootFile],
    ...['-addext', 'keyUsage=critical,keyCertSign'],
  ]);
  await run('openssl', [
    ...fresh,
    ...['-CA', rootFile, '-CAkey', file('root.key')],
    ...['-subj', '/CN=localhost', '-keyout', keyFile, '-out', certFile],
    ...['-addext', 'basicConstraints=critical,CA:FALSE'],
    ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ...['-addext', 'extendedKeyUsage=serverAuth,clientAuth'],
  ]);
  const [root, cert, key] = await Promise.all(
    [rootFile, certFile, keyFile].map((name) => readFile(name, 'utf8')),
  );
  return { root, rootFile, certFile, keyFile, cert, key };
}
