import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { startController } from '../support/processes/controller-process.ts';
import { eventually } from '../support/time/eventually.ts';
import { PATIENCE_MS } from '../support/time/patience.ts';
import { isEmbedded, useWorld } from '../support/use-world.ts';

const BIN = join(import.meta.dirname, '../../packages/controller/bin/sealed-secrets-controller.ts');
const holder = useWorld();
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'fuin-process-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Runs the program to its end. */
async function runToEnd(...args: readonly string[]) {
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { PATH: process.env['PATH'] },
    timeout: PATIENCE_MS,
  });
  const texts = Promise.all([
    child.stdout.setEncoding('utf8').toArray(),
    child.stderr.setEncoding('utf8').toArray(),
  ]);
  const code = await new Promise((resolve) => child.once('close', resolve));
  const [stdout = [], stderr = []] = await texts;
  return { code, stdout: stdout.join(''), stderr: stderr.join('') };
}

/** A kubeconfig for a port at which nobody answers. */
async function deadKubeconfig(): Promise<string> {
  const path = join(scratch, 'dead.kubeconfig');
  const text = await readFile(holder.world.cluster.adminKubeconfig, 'utf8');
  await writeFile(path, text.replaceAll(holder.world.cluster.server, 'https://127.0.0.1:9'));
  return path;
}

describe('the program', () => {
  it('says what is wrong with its flags, and where help is, and exits 2', async () => {
    const { code, stdout, stderr } = await runToEnd('--key-renew-period=-1h');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      'error: invalid argument "-1h" for "--key-renew-period" flag: must not be negative\n' +
        'hint: sealed-secrets-controller --help lists the flags\n',
    );
  });
  it('says in one line that its address is taken and exits 1', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const { code, stderr } = await runToEnd(
      '--kubeconfig',
      await deadKubeconfig(),
      `--listen-addr=127.0.0.1:${port}`,
    );
    server.close();
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain(`cannot listen on 127.0.0.1:${port}: EADDRINUSE`);
  });
  it('listens while there is no API server, is alive and not ready, and stops with exit code 0', async () => {
    const { cluster } = holder.world;
    const dead = { ...cluster, adminKubeconfig: await deadKubeconfig() };
    const controller = await startController({ cluster: dead, namespace: 'home', untilReady: false });
    const status = async (path: string) =>
      (await fetch(`${controller.url}${path}`, { method: 'POST', body: 'x' })).status;
    expect(await status('/healthz')).toBe(200);
    expect(await status('/readyz')).toBe(503);
    expect(await status('/v1/cert.pem')).toBe(500);
    expect(await status('/v1/verify')).toBe(503);
    expect(await controller.stop()).toBe(0);
  });
  it('serves HTTP after SIGTERM for as long as --shutdown-delay-duration says, not longer', async () => {
    const { cluster } = holder.world;
    const args = ['--shutdown-delay-duration=2s'];
    const dead = { ...cluster, adminKubeconfig: await deadKubeconfig() };
    const controller = await startController({ cluster: dead, namespace: 'home', args, untilReady: false });
    const startedMs = performance.now();
    const stopped = controller.stop();
    const isServing = () =>
      fetch(`${controller.url}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      );
    while (await isServing());
    expect(performance.now() - startedMs).toBeGreaterThan(1_990);
    expect(await stopped).toBe(0);
  });
  it('finishes what it has in hand on SIGTERM, and ends within its grace', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const names = Array.from({ length: 20 }, (_, index) => `s${index}`);
    const sealed = await Promise.all(names.map((name) => world.seal({ namespace, name }, { value: name })));
    await Promise.all(sealed.map((each) => world.apply(each)));
    expect(await world.controller.stop()).toBe(0);
    for (const name of names) {
      if (!(await world.secret(namespace, name))) continue;
      await world.untilSynced(namespace, name, 'True'); // no Secret without the status that tells of it
    }
    await world.start();
    for (const name of names) await world.untilSynced(namespace, name, 'True');
  });
});

if (isEmbedded)
  describe('an API server that comes and goes', () => {
    it('is waited for, at start and later', async () => {
      const { world } = holder;
      const { apiServer } = world.cluster as EmbeddedCluster;
      const namespace = await world.namespace();
      const first = await world.seal({ namespace, name: 'first' }, { a: '1' });
      const second = await world.seal({ namespace, name: 'second' }, { a: '2' });
      await world.controller.kill();
      await apiServer.pause();
      const controller = await world.listen();
      await eventually('an attempt in vain', async () =>
        (await controller.logs()).includes('ECONNREFUSED') ? true : undefined,
      );
      await apiServer.resume();
      await world.start();
      await world.apply(first);
      await world.untilItem(namespace, 'first', ['a', '1']);
      await apiServer.restart(1_000);
      await world.apply(second);
      await world.untilItem(namespace, 'second', ['a', '2']);
    });
    it.each([
      ['creates answer 500', { verb: 'create', resource: 'secrets' }, { action: 'answer', code: 500 }],
      [
        'creates answer 429',
        { verb: 'create', resource: 'secrets' },
        { action: 'answer', code: 429, retryAfterSeconds: 0 },
      ],
      [
        'creates are done and not answered',
        { verb: 'create', resource: 'secrets' },
        { action: 'reset', when: 'after' },
      ],
      [
        'statuses conflict',
        { resource: 'sealedsecrets', subresource: 'status' },
        { action: 'answer', code: 409 },
      ],
      [
        'statuses answer 503',
        { resource: 'sealedsecrets', subresource: 'status' },
        { action: 'answer', code: 503 },
      ],
    ] as const)('delays objects and loses none when %s seven times', async (_name, match, fault) => {
      const { world } = holder;
      const { apiServer } = world.cluster as EmbeddedCluster;
      const namespace = await world.namespace();
      const sealed = await world.seal({ namespace, name: 'db' }, { a: '1' });
      const undo = apiServer.faults.onRequest({ ...match, namespace }, fault, 7);
      await world.apply(sealed);
      await world.untilSynced(namespace, 'db', 'True');
      await world.untilItem(namespace, 'db', ['a', '1']);
      undo();
    });
  });
