// Ours alone: starts our program by hand, to tell its two streams apart.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { applySealedSecretCrd } from '../support/cluster/sealed-secret-crd.ts';
import { uniqueName, useCluster } from '../support/cluster/use-cluster.ts';
import { type LoggedProcess, startLogged } from '../support/processes/logged-process.ts';
import { eventually } from '../support/time/eventually.ts';
import { PROGRAM } from './program.ts';

const contract = useCluster();
let running: LoggedProcess | undefined;

beforeAll(() => applySealedSecretCrd(contract.client));
afterEach(() => running?.kill());

/**
 * A controller that finds a key Secret it cannot read, which is an error; and what it writes to which stream.
 */
async function startWithTrouble(...args: readonly string[]) {
  const { client, cluster } = contract;
  const namespace = uniqueName('logs');
  await client.create('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  });
  const labels = { 'sealedsecrets.bitnami.com/sealed-secrets-key': 'active' };
  await client.create(`/api/v1/namespaces/${namespace}/secrets`, { metadata: { name: 'broken', labels } });
  await client.create(`/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets`, {
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata: { name: 'db' },
    spec: { encryptedData: { password: 'AgA=' } },
  });
  const flags = ['--kubeconfig', cluster.adminKubeconfig, '--key-size=2048', '--all-namespaces=false'];
  const listen = [`--listen-addr=${cluster.podAddress}:0`, `--listen-metrics-addr=${cluster.podAddress}:0`];
  let errors = '';
  const child = await startLogged({
    command: (scratch) => {
      errors = join(scratch, 'stderr');
      return [
        'sh',
        '-c',
        'exec "$@" 2>"$0"',
        errors,
        process.execPath,
        PROGRAM,
        ...flags,
        ...listen,
        ...args,
      ];
    },
    env: { PATH: process.env['PATH'], POD_NAMESPACE: namespace },
  });
  running = child;
  const stderr = () => readFile(errors, 'utf8').catch(() => ''); // not there before the shell has run
  await eventually('the complaint', async () =>
    (await stderr()).includes('error reading key') ? true : undefined,
  );
  return { namespace, stdout: child.logs, stderr };
}

const untilReady = (text: () => Promise<string>) =>
  eventually('readiness', async () => ((await text()).includes('controller is ready') ? true : undefined));

describe('logs', () => {
  it('go to stdout for INFO and to stderr for errors, as key=value', async () => {
    const { stdout, stderr } = await startWithTrouble();
    await untilReady(stdout);
    const lines = (await stdout()).trim().split('\n');
    for (const line of lines)
      expect(line).toMatch(/^time=\S+Z level=INFO msg=("[^"]*"|\S+)( [\w.]+=("[^"]*"|\S*))*$/);
    expect(await stderr()).toMatch(
      /^time=\S+ level=ERROR msg="error reading key, skipping it" secret=broken /m,
    );
    expect(await stderr()).not.toContain('level=INFO');
  });
  it('go to stderr alone with --log-info-stdout=false, and are objects with --log-format=json', async () => {
    const { stdout, stderr } = await startWithTrouble('--log-info-stdout=false', '--log-format=json');
    await untilReady(stderr);
    expect(await stdout()).toBe('');
    const lines = (await stderr())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const found = { sealedSecrets: 1, notSynced: 1, keys: 1 }; // which key the one would need is not known
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'INFO', msg: 'controller is ready', ...found }),
    );
    expect(lines).toContainEqual(expect.objectContaining({ level: 'ERROR', secret: 'broken' }));
  });
  it('keep to errors with --log-level=ERROR', async () => {
    const { namespace, stdout, stderr } = await startWithTrouble('--log-level=error');
    await eventually('a key of its own, by when it has logged a lot', async () => {
      const { items } = await contract.client.list(`/api/v1/namespaces/${namespace}/secrets`);
      return items.length > 1 ? true : undefined;
    });
    expect(await stdout()).toBe('');
    expect(await stderr()).toMatch(/^(time=\S+ level=ERROR .*\n)+$/);
  });
});
