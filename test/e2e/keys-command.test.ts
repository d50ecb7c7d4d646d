import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import { startCluster } from '../support/cluster/cluster.ts';
import { ownKey } from '../support/cluster/key-secret.ts';
import { eventually } from '../support/time/eventually.ts';
import { World } from '../support/world.ts';
import { runToEnd } from './program.ts';

const KUBESEAL = join(import.meta.dirname, '../../packages/kubeseal-cli/bin/kubeseal.ts');
const PREFIX = 'sealedsecrets.bitnami.com/';
/** Public: it protects nothing. */
const IDENTITY = 'AGE-SECRET-KEY-1NEZQSKGKHN36T28YKDKDJY5F85DVDT5Z80SEL5VZFJXV6JCE3ECQRS7ZYJ';
const RECIPIENT = 'age1je4qjszj490fqvsvcvt8yz037tjg6mmwecz6yc6ke9x65hgh5v3s999jkz';
const LABEL = `${PREFIX}sealed-secrets-key`;
let world: World;
let scratch: string;
const inScratch = (name: string) => join(scratch, name);

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'fuin-keys-'));
  // a key like upstream's: no mark, no name in its certificate
  world = await World.running(await startCluster(), { key: await ownKey(10), isExposed: true });
});
afterAll(async () => {
  await world?.kill();
  await world?.close();
  await rm(scratch, { recursive: true, force: true });
});

/** Runs `kubeseal keys ...` as the administrator. */
async function keys(args: readonly string[]) {
  const cluster = ['--kubeconfig', world.cluster.adminKubeconfig, '--controller-namespace', world.home];
  return runToEnd(KUBESEAL, ['keys', ...args, ...cluster]);
}

interface Listed {
  readonly name: string;
  readonly fingerprint: string;
  readonly newest: boolean;
  readonly status: string;
  readonly neededInCluster: number;
}
const list = async (): Promise<Listed[]> => JSON.parse((await keys(['list', '-o', 'json'])).stdout).keys;
const secretsPath = () => `/api/v1/namespaces/${world.home}/secrets`;
const versions = async () => {
  const { items } = await world.client.list(secretsPath());
  return items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]);
};

describe('the life of sealing keys', () => {
  let namespace: string;

  it('begins with a key of upstream, which the controller does not rewrite', async () => {
    const before = await versions();
    await world.restart();
    namespace = await world.namespace();
    await world.apply(await world.seal({ namespace, name: 'db' }, { password: 'hunter2' }));
    await world.untilItem(namespace, 'db', ['password', 'hunter2']);
    expect(await versions()).toEqual(before);
  });
  it('is listed with what needs each key', async () => {
    const listed = await eventually('the status of db', async () => {
      const rows = await list();
      return rows[0]?.neededInCluster === 1 ? rows : undefined;
    });
    expect(listed).toMatchObject([{ name: 'key-a', newest: true, status: 'active' }]);
  });
  it('is rotated: the controller makes one marked key that names it, and serves it', async () => {
    const [old] = await list();
    const { code, stdout, stderr } = await keys(['rotate']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('seals with a new key') });
    const listed = await list();
    expect(stdout).toBe(`old ${old?.fingerprint}\nnew ${listed[0]?.fingerprint}\n`);
    expect(listed.map(({ newest }) => newest)).toEqual([true, false]);
    const made = await world.client.get(`${secretsPath()}/${listed[0]?.name}`);
    expect(made.metadata.annotations).toEqual({
      [`${PREFIX}key-fingerprint`]: listed[0]?.fingerprint,
      [`${PREFIX}key-validity`]: expect.stringMatching(/^\d{4}-[^/]+Z\/\d{4}-[^/]+Z$/),
    });
    const { subject } = new X509Certificate(await world.served());
    expect(subject).toMatch(new RegExp(`^CN=sealed-secrets-controller\\.${world.home}`));
    await world.restart();
    expect((await list()).map(({ name }) => name)).toEqual(listed.map(({ name }) => name));
  });
  it('is backed up to a recipient of age, and verified', async () => {
    await writeFile(inScratch('id'), IDENTITY, { mode: 0o600 });
    const target = ['--to', RECIPIENT, '-w', inScratch('keys.age'), '-i', inScratch('id')];
    expect((await keys(['backup', ...target, '--dry-run'])).code).toBe(0); // the next line needs a new file
    expect((await keys(['backup', ...target])).code).toBe(0);
    const verify = ['verify', '--compare-cluster', '-i', inScratch('id'), inScratch('keys.age')];
    expect((await keys(verify)).code).toBe(0);
    expect(await readFile(inScratch('keys.age'), 'utf8')).not.toContain('tls.key');
  });
  it('goes on after a restore: without its keys nothing opens, with them everything does', async () => {
    for (const { name } of await list()) await world.client.delete(`${secretsPath()}/${name}`);
    await world.client.delete(`/api/v1/namespaces/${namespace}/secrets/db`);
    const restore = ['restore', '-i', inScratch('id'), inScratch('keys.age')];
    const first = await keys(restore);
    expect({ code: first.code, stderr: first.stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('of key-a: created'),
    });
    await world.untilItem(namespace, 'db', ['password', 'hunter2']);
    const { metadata } = await world.client.get(`${secretsPath()}/key-a`);
    expect(JSON.stringify(metadata.annotations ?? {})).not.toContain('tls.key');
    expect((await keys(restore)).stderr).not.toContain('created');
  });
  it('ends when nothing needs the key, and not before, unless it is forced', async () => {
    const old = (await list()).find(({ name }) => name === 'key-a')?.fingerprint ?? '';
    const refused = await keys(['retire', old]);
    expect({ code: refused.code, stderr: refused.stderr }).toEqual({
      code: 3,
      stderr: expect.stringContaining(`needs this key: ${namespace}/db`),
    });
    const forced = await keys(['retire', '--force', old]);
    expect(forced).toMatchObject({ code: 0, stderr: expect.stringContaining('can no longer be opened') });
    expect((await labelled('retired')).map(({ metadata }) => metadata.name)).toEqual(['key-a']);
    await world.apply(await sealedAgain());
    await world.untilSynced(namespace, 'later', 'False');
    expect((await keys(['retire', '--undo', old])).code).toBe(0);
    await world.untilSynced(namespace, 'later', 'True');
  });

  const labelled = async (value: string): Promise<ApiObject[]> =>
    (await world.client.list(`${secretsPath()}?labelSelector=${LABEL}=${value}`)).items;
  /** Another SealedSecret for the old key. */
  const sealedAgain = () => world.seal({ namespace, name: 'later' }, { password: 'x' });
});
