import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CERT, vector } from '../../testing/keys.ts';
import { runCli } from '../../testing/run-cli.ts';

const SERVICE = { metadata: { name: 's', namespace: 'kube-system' }, spec: { ports: [{ name: 'http' }] } };
let server: Server;
let url: string;
let home: string;
let service: object = SERVICE;
let isDown = false;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'kubeseal-'));
  server = createServer(({ url: path }, response) => {
    if (isDown) response.destroy();
    else response.end(path?.endsWith('cert.pem') ? CERT : JSON.stringify(service));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await rm(home, { recursive: true });
});

const fetchCert = (authority: string) =>
  runCli({
    argv: ['--kubeconfig', 'k', '--offline', '--fetch-cert'],
    env: { XDG_CACHE_HOME: home },
    files: {
      k: JSON.stringify({
        clusters: [{ name: 'c', cluster: { server: url, 'certificate-authority-data': btoa(authority) } }],
        contexts: [{ name: 'x', context: { cluster: 'c' } }],
        'current-context': 'x',
      }),
    },
  });

it('takes no cached certificate of another cluster with the same address', async () => {
  expect(await fetchCert(CERT)).toMatchObject({ code: 0, stdout: CERT });
  isDown = true;
  const [same, other] = [await fetchCert(CERT), await fetchCert(vector('x509/rsa-b.crt'))];
  isDown = false;
  expect({ same: same.code, other: other.code }).toEqual({ same: 0, other: 1 });
});

it('reports that the answer is not a Service', async () => {
  service = { spec: {} };
  const { code, stderr } = await fetchCert(CERT);
  service = SERVICE;
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error: cannot get sealed secret service: the answer is not a Service\./);
});
