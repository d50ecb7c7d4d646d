import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CERT, vector } from '../../testing/keys.ts';
import { runCli } from '../../testing/run-cli.ts';

const [root, intermediate, leaf, key] = ['root.crt', 'intermediate.crt', 'leaf.crt', 'leaf.key'].map((name) =>
  vector(`chain/${name}`),
) as [string, string, string, string];
const FILES = { 'root.crt': root, 'intermediate.crt': intermediate, 'leaf.crt': leaf, 'other.crt': CERT };
const UNKNOWN = 'its certificate is signed by an unknown authority';

let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer({ key, cert: leaf + intermediate }, (request, response) => {
    const isService = request.url?.startsWith('/api') === true && !request.url.includes('/proxy/');
    response.end(isService ? '{"metadata":{"name":"s","namespace":"n"},"spec":{"ports":[{}]}}' : CERT);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `https://localhost:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});

/**
 * Fetches the certificate from that server as --cert URL, and as an API server of a kubeconfig without a CA.
 */
function fetchBoth(argv: readonly string[], env: Record<string, string>, cluster: object = {}) {
  const kubeconfig = JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c' } }],
    clusters: [{ name: 'c', cluster: { server: origin, ...cluster } }],
  });
  const files = { ...FILES, kubeconfig };
  const ways = [
    ['--cert', `${origin}/cert.pem`],
    ['--kubeconfig', 'kubeconfig'],
  ];
  return Promise.all(ways.map((way) => runCli({ argv: ['--fetch-cert', ...way, ...argv], files, env })));
}

const chain = (name: string) =>
  new URL(`../../../../../test/vectors/chain/${name}`, import.meta.url).pathname;
const NOWHERE = { SSL_CERT_DIR: '/nowhere' };
const OTHER = { ...NOWHERE, SSL_CERT_FILE: chain('../x509/rsa-a.crt') };

describe('the certificate of a server', () => {
  it.each<[string, Record<string, string>]>([
    ['in SSL_CERT_FILE', { ...NOWHERE, SSL_CERT_FILE: chain('root.crt') }],
    ['in a directory of SSL_CERT_DIR', { ...OTHER, SSL_CERT_DIR: `/nowhere:${chain('.')}` }],
    ['as an intermediate one', { ...NOWHERE, SSL_CERT_FILE: chain('intermediate.crt') }],
    ["as the server's own", { ...NOWHERE, SSL_CERT_FILE: chain('leaf.crt') }],
  ])('is trusted by the store of the system: its authority is %s', async (_, env) => {
    for (const result of await fetchBoth([], env))
      expect(result).toMatchObject({ code: 0, stdout: CERT, stderr: '' });
  });
  it('is refused where its authority is unknown, with a hint', async () => {
    for (const { code, stderr } of await fetchBoth([], OTHER)) {
      expect(code).toBe(1);
      expect(stderr).toContain(UNKNOWN);
      expect(stderr).toContain('hint: put its authority into the system');
    }
  });
  it('is an error if the variables lead to no certificate', async () => {
    for (const { code, stderr } of await fetchBoth([], { ...NOWHERE, SSL_CERT_FILE: '/nowhere/ca.pem' })) {
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^error: .*there is no CA certificate where SSL_CERT_FILE and SSL_CERT_DIR point/,
      );
    }
  });
  it.each(['root.crt', 'intermediate.crt', 'leaf.crt'])(
    'is trusted by --certificate-authority %s',
    async (file) => {
      for (const result of await fetchBoth([`--certificate-authority=${file}`], OTHER)) {
        expect(result).toMatchObject({ code: 0, stdout: CERT });
      }
    },
  );
  it('is trusted only by the given CA', async () => {
    const env = { ...NOWHERE, SSL_CERT_FILE: chain('root.crt') };
    for (const { stderr } of await fetchBoth(['--certificate-authority=other.crt'], env))
      expect(stderr).toContain(UNKNOWN);
  });
  it.each([root, intermediate, leaf])('is trusted by the CA data of a kubeconfig (%#)', async (pem) => {
    const [, result] = await fetchBoth([], OTHER, { 'certificate-authority-data': btoa(pem) });
    expect(result).toMatchObject({ code: 0, stdout: CERT });
  });
  it('is not checked with --insecure-skip-tls-verify', async () => {
    for (const result of await fetchBoth(['--insecure-skip-tls-verify'], OTHER))
      expect(result).toMatchObject({ code: 0, stdout: CERT });
  });
  it('cannot be both checked and not', async () => {
    for (const { code, stderr } of await fetchBoth(
      ['--insecure-skip-tls-verify', '--certificate-authority=root.crt'],
      OTHER,
    )) {
      expect(code).toBe(1);
      expect(stderr).toContain('specifying a root certificates file with the insecure flag is not allowed');
    }
  });
});
