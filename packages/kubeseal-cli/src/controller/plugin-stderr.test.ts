import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const BIN = join(import.meta.dirname, '../../bin/kubeseal.ts');
const CANARY = 'canary-7f3a';

it('what a credential plugin writes to stderr is not passed on where no person reads it: it may hold a token', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'plugin-stderr-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const script = `echo ${CANARY} >&2; exit 1`;
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script] };
  const kubeconfig = {
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:9' } }],
    users: [{ name: 'u', user: { exec: { ...exec, interactiveMode: 'Never' } } }],
  };
  const file = join(directory, 'kubeconfig');
  await writeFile(file, JSON.stringify(kubeconfig));
  const env = { PATH: process.env['PATH'], HOME: directory, KUBECONFIG: file };
  const { stderr } = spawnSync(process.execPath, [BIN, '--fetch-cert'], { env, encoding: 'utf8' });
  expect(stderr).toContain('exec: executable sh failed with exit code 1');
  expect(stderr).not.toContain(CANARY);
});
