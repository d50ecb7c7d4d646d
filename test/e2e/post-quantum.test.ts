import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { valueFactsOf } from '@fuin/crypto-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import { startCluster } from '../support/cluster/cluster.ts';
import { testKey } from '../support/cluster/key-secret.ts';
import { eventually } from '../support/time/eventually.ts';
import { runTool } from '../support/tools/run-tool.ts';
import { World } from '../support/world.ts';

const KUBESEAL = join(import.meta.dirname, '../../packages/kubeseal-cli/bin/kubeseal.ts');
const BOTH = { password: 'hunter2', user: 'ann' };
let one: World;
let two: World;
let old: World;
let scratch: string;

/** Two controllers with keys of format v2 stand for two clusters; the third one is without. */
beforeAll(async () => {
  const options = { isExposed: true, args: ['--all-namespaces=false', '--v2-keys'] };
  one = await World.running(await startCluster(), { ...options, key: await testKey('a', 10) });
  two = await one.beside({ ...options, key: await testKey('b', 10) });
  old = await one.beside({ isExposed: true, args: ['--all-namespaces=false'], key: await testKey('c', 10) });
  await Promise.all([two.start(), old.start()]);
  scratch = await mkdtemp(join(tmpdir(), 'fuin-v2-'));
});
afterAll(async () => {
  await one?.close();
  await rm(scratch, { recursive: true, force: true });
});

/** kubeseal for the controller of a world. */
function kubeseal({ home, cluster }: World, argv: readonly string[], stdin = '') {
  const env = { PATH: process.env['PATH'], HOME: scratch };
  const flags = ['--kubeconfig', cluster.adminKubeconfig, '--controller-namespace', home];
  return runTool([process.execPath, KUBESEAL, ...argv, ...flags], { stdin, env, cwd: scratch });
}

/** Runs kubeseal, which must end with code 0. */
async function done(world: World, argv: readonly string[], stdin = ''): Promise<string> {
  const { code, stdout, stderr } = await kubeseal(world, argv, stdin);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
  return stdout;
}

const secret = (name: string, namespace: string) =>
  `metadata: {name: ${name}, namespace: ${namespace}}\nstringData: {password: hunter2, user: ann}\n`;
const parsed = (text: string) =>
  JSON.parse(text) as ApiObject & { spec: { encryptedData: Record<string, string> } };
const factsOf = (text: string) => Object.values(parsed(text).spec.encryptedData).map(valueFactsOf);
const fileOf = (name: string) => readFile(join(scratch, name), 'utf8');

/** Applies what was sealed, in the namespace of a world, and waits until its controller has opened it. */
async function applied(world: World, text: string): Promise<void> {
  const object = parsed(text);
  const { name } = object.metadata;
  await world.apply({ ...object, metadata: { ...object.metadata, namespace: world.home } });
  for (const entry of Object.entries(BOTH)) await world.untilItem(world.home, String(name), entry);
}

describe('values of format v2', () => {
  it('are sealed for the key that the controller serves, applied, and opened by it', async () => {
    const argv = ['--format-version', '2', '--bind-item', '--expires', '90d'];
    const sealed = await done(one, argv, secret('db', one.home));
    for (const facts of factsOf(sealed)) expect(facts).toMatchObject({ format: 'v2', bindsItem: true });
    await applied(one, sealed);
    await done(one, ['--validate'], sealed);
  });
  it('are not sealed for a controller without such a key, and never with RSA instead', async () => {
    const { code, stdout, stderr } = await kubeseal(old, ['--format-version', '2'], secret('db', old.home));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: the controller has no key of format v2\nhint: .*--v2-keys/);
  });
  it('are sealed once for two clusters and a recovery key, each of which opens them', async () => {
    const recipient = (await keysNew('recovery.yaml')).trim();
    await writeFile(
      join(scratch, 'team.txt'),
      `${await servedBy(one)}\n${await servedBy(two)}\n# kept in a safe\n${recipient}\n`,
    );
    const argv = ['--recipient', 'team.txt', '--scope', 'cluster-wide'];
    const sealed = await done(one, argv, secret('shared', one.home));
    expect(factsOf(sealed)[0]?.recipients).toHaveLength(3);
    await applied(one, sealed);
    await applied(two, sealed);
    const unseal = ['--recovery-unseal', '--recovery-private-key', 'recovery.yaml'];
    expect(await done(one, unseal, sealed)).toContain(btoa('hunter2'));
  });
});

/** Makes a recovery key. @returns its recipient */
async function keysNew(file: string): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: scratch };
  const argv = [process.execPath, KUBESEAL, 'keys', 'new', '--quiet', '-w', file];
  return (await runTool(argv, { env, cwd: scratch })).stdout;
}

/** The recipient string that a controller serves. */
async function servedBy({ controller }: World): Promise<string> {
  const { recipients } = (await (await fetch(`${controller.url}/v2/recipients`)).json()) as {
    recipients: readonly { recipient: string }[];
  };
  return recipients[0]?.recipient ?? '';
}

describe('a tree', () => {
  it('is brought into format v2 by who may read the Secrets, and back, and stays in sync', async () => {
    await writeFile(join(scratch, 'tree.json'), await done(one, [], secret('tree', one.home)));
    await applied(one, await fileOf('tree.json'));
    await done(one, ['re-encrypt', '--to', 'v2', '--from-cluster', 'tree.json']);
    expect(factsOf(await fileOf('tree.json')).map(({ format }) => format)).toEqual(['v2', 'v2']);
    await applied(one, await fileOf('tree.json'));
    const before = await fileOf('tree.json');
    await done(one, ['re-encrypt', 'tree.json']);
    expect(await fileOf('tree.json')).toBe(before);
    await synced('tree');
    await done(one, ['re-encrypt', '--to', 'v1', '--from-cluster', 'tree.json']);
    expect(factsOf(await fileOf('tree.json')).map(({ format }) => format)).toEqual(['v1', 'v1']);
    await applied(one, await fileOf('tree.json'));
  });
  it('keeps its formats where the controller seals it again with a newer key', async () => {
    await writeFile(
      join(scratch, 'again.json'),
      await done(one, ['--format-version', '2'], secret('again', one.home)),
    );
    const [before] = factsOf(await fileOf('again.json'));
    const rotated = await done(one, ['keys', 'rotate', '--format-version', '2']);
    expect(rotated).toMatch(/^old v2:[0-9a-f]{32}\nnew v2:[0-9a-f]{32}\n$/);
    await done(one, ['re-encrypt', 'again.json']);
    const [after] = factsOf(await fileOf('again.json'));
    expect(after?.format).toBe('v2');
    expect(after?.recipients).not.toEqual(before?.recipients);
    expect(rotated).toContain(`new ${after?.recipients[0]}`);
    await applied(one, await fileOf('again.json'));
  });
});

/** Waits until the status says that the controller opened the newest generation. */
async function synced(name: string): Promise<void> {
  await eventually(`${name} in sync`, async () => {
    const path = `/apis/bitnami.com/v1alpha1/namespaces/${one.home}/sealedsecrets/${name}`;
    const { metadata, status } = (await one.client.get(path)) as ApiObject & {
      status?: { observedGeneration?: number; conditions?: readonly { type: string; status: string }[] };
    };
    const isSynced = status?.conditions?.some((each) => each.type === 'Synced' && each.status === 'True');
    return isSynced && status?.observedGeneration === metadata.generation ? true : undefined;
  });
}
