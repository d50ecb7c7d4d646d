// Ours alone: upstream writes no audit log.
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KEY_LABEL } from '@fuin/crypto-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KINDS } from '../../packages/audit/src/kinds.ts';
import { type TestPlugin, writePlugin } from '../../packages/cloud/src/testing/plugin-rig.ts';
import { schemaProblems } from '../support/audit-schema.ts';
import { startCluster } from '../support/cluster/cluster.ts';
import type { EmbeddedCluster } from '../support/cluster/embedded-cluster.ts';
import { Scene } from '../support/scene.ts';
import { eventually } from '../support/time/eventually.ts';
import { World } from '../support/world.ts';
import { runToEnd } from './program.ts';

const KUBESEAL = join(import.meta.dirname, '../../packages/kubeseal-cli/bin/kubeseal.ts');
const LEASE = '--leader-elect-lease-duration=3s';
let world: World;
let plugin: TestPlugin;
let scratch: string;
let log: string;

interface Line {
  readonly kind: string;
  readonly action?: string;
  readonly reason?: string;
  readonly object?: { readonly name: string };
}

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'fuin-lines-'));
  log = join(scratch, 'audit.jsonl');
  plugin = await writePlugin();
  world = await World.on(await startCluster(), { args: [LEASE], env: { SEALED_SECRETS_AUDIT_LOG: log } });
});
afterAll(async () => {
  await world?.kill();
  await world?.close();
  await plugin?.remove();
  await rm(scratch, { recursive: true, force: true });
});

async function linesOf(file: string): Promise<Line[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line));
}
const untilLine = (kind: string, isIt: (line: Line) => boolean = () => true, file = log) =>
  eventually(`a line ${kind}`, async () =>
    (await linesOf(file)).find((line) => line.kind === kind && isIt(line)),
  );
const verify = (...args: readonly string[]) => runToEnd(KUBESEAL, ['audit', 'verify', ...args]);
const secretsPath = (name = '') => `/api/v1/namespaces/${world.home}/secrets/${name}`;

/** Every kind that a process writes while its disk works; `audit.lost` needs one that does not. */
const STEPS: Readonly<Record<string, () => Promise<unknown>>> = {
  'keys that are made, refused, retired and deleted': async () => {
    await world.start('--audit-failure=refuse');
    await world.controller.signal('SIGUSR1');
    await untilLine('key.created');
    const junk = { type: 'kubernetes.io/tls', data: { 'tls.crt': 'AAAA', 'tls.key': 'AAAA' } };
    const labels = { [KEY_LABEL]: 'active' };
    await world.client.create(secretsPath(), { ...junk, metadata: { name: 'junk', labels } });
    await untilLine('key.refused', ({ object }) => object?.name === 'junk');
    const made = (await world.keySecrets()).find(
      ({ metadata }) => metadata.name !== 'key-a' && metadata.name !== 'junk',
    );
    await world.client.patch(secretsPath(made?.metadata.name), 'merge', {
      metadata: { labels: { [KEY_LABEL]: 'retired' } },
    });
    await untilLine('key.retired');
    await world.controller.signal('SIGUSR1');
    const next = await eventually('another key', async () =>
      (await world.keySecrets()).find(({ metadata }) =>
        ['key-a', 'junk', made?.metadata.name].every((name) => name !== metadata.name),
      ),
    );
    await untilLine('key.loaded', ({ object }) => object?.name === next.metadata.name);
    await world.client.delete(secretsPath(next.metadata.name));
    await untilLine('key.removed');
  },
  'Secrets that are written, refused and changed by hand': async () => {
    const scene = await Scene.of(world);
    await scene.sealAndApply({ password: 'one' });
    await scene.untilInSync({ password: 'one' });
    await scene.sealAndApply({ password: 'two' });
    await scene.untilInSync({ password: 'two' });
    await scene.editSecret({ stringData: { password: 'by hand' } });
    await untilLine('secret.drifted', ({ action }) => action === 'repair');
    await scene.named('thief').apply(await scene.seal({ password: 'one' }));
    await untilLine('secret.refused', ({ reason }) => reason === 'NoKeyOpensValue');
    const body = JSON.stringify(await scene.sealedSecret());
    await fetch(`${world.controller.url}/v1/verify`, { method: 'POST', body });
    await untilLine('http.requests');
  },
  'a status that cannot be written': async () => {
    const roles = '/apis/rbac.authorization.k8s.io/v1/clusterroles/secrets-unsealer';
    const { rules } = (await world.client.get(roles)) as { rules?: readonly { resources: string[] }[] };
    const fewer = rules?.filter(({ resources }) => !resources.includes('sealedsecrets/status'));
    await world.client.patch(roles, 'merge', { rules: fewer });
    await (await Scene.of(world)).sealAndApply({ password: 'one' });
    await untilLine('status.refused');
    await world.client.patch(roles, 'merge', { rules });
  },
  'a file that is rotated, and an end in order': async () => {
    await rename(log, `${log}.1`);
    await untilLine('audit.file-changed');
    await world.stop();
  },
  'Secrets that are deleted by the controller, and policies that only warn': async () => {
    const { apiServer } = world.cluster as Partial<EmbeddedCluster>;
    apiServer?.setGarbageCollection(false); // else it may delete the Secret before the controller does
    await world.start('--old-gc-behavior', '--drift-policy=warn');
    const scene = await Scene.of(world);
    await scene.sealAndApply({ password: 'one' });
    await scene.untilInSync({ password: 'one' });
    await scene.editSecret({ stringData: { password: 'by hand' } });
    await untilLine('secret.drifted', ({ action }) => action === 'warn');
    await scene.deleteSealedSecret();
    await untilLine('secret.deleted');
    apiServer?.setGarbageCollection(true);
    await world.stop();
  },
  'keys that a key service wraps': async () => {
    const wrapper = `--key-wrapper=exec:${plugin.program}`;
    await world.start(wrapper);
    await world.controller.signal('SIGUSR1');
    await untilLine('key.unwrapped');
    await world.stop();
    plugin.setTrouble(500);
    await world.listen(wrapper);
    await untilLine('key.unwrap-failed');
  },
};

describe('the lines of a controller', () => {
  it.each(Object.keys(STEPS))('tell of %s', async (step) => {
    await STEPS[step]?.();
  });
  it('are of every kind, and each is as the published JSON schema says', async () => {
    const lines = [...(await linesOf(`${log}.1`)), ...(await linesOf(log))];
    for (const line of lines) expect(schemaProblems(line), JSON.stringify(line)).toEqual([]);
    const kinds = [...new Set(lines.map(({ kind }) => kind)), 'audit.lost'];
    expect(kinds.sort()).toEqual(Object.keys(KINDS).sort());
    expect(await verify('--quiet', `${log}.1`, log)).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('two replicas', () => {
  it('write two logs, each of which is whole, and which say who led when', async () => {
    plugin.setTrouble(undefined);
    await world.kill();
    await rm(log);
    await world.start();
    await untilLine('leader.started');
    const other = join(scratch, 'other.jsonl');
    const env = { POD_NAME: 'other', SEALED_SECRETS_AUDIT_LOG: other };
    const replica = await world.startReplica(env);
    await untilLine('key.loaded', undefined, other);
    await world.stop();
    await untilLine('leader.started', undefined, other);
    const scene = await Scene.of(world);
    await scene.sealAndApply({ password: 'one' });
    await untilLine('secret.created', ({ object }) => object?.name === 'db', other);
    expect(await replica.stop()).toBe(0);
    for (const file of [log, other]) {
      expect((await linesOf(file)).flatMap(schemaProblems)).toEqual([]);
      const { code, stderr } = await verify(file);
      expect([code, stderr]).toEqual([0, expect.stringContaining('1 start, 0 of them without a stop')]);
    }
  });
  it('that share a file by mistake break its chain, which verify finds', async () => {
    await rm(log);
    await world.start();
    await untilLine('leader.started');
    expect((await verify(log)).code).toBe(0);
    const replica = await world.startReplica({ POD_NAME: 'other' });
    await untilLine('audit.file-changed', ({ reason }) => reason === 'grown');
    await replica.kill();
    const { code, stderr } = await verify(log);
    expect([code, stderr]).toEqual([
      3,
      expect.stringMatching(/error: .*: it has number \d+ and stands behind number/),
    ]);
  });
});
