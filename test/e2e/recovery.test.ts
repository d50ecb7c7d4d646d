import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import { textsOf } from '../support/objects.ts';
import { useWorld } from '../support/use-world.ts';
import { it } from './it.ts';
import { runToEnd } from './program.ts';

const KUBESEAL = join(import.meta.dirname, '../../packages/kubeseal-cli/bin/kubeseal.ts');
const holder = useWorld();
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'fuin-recovery-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** A sealed `db` with templates. */
async function sealedWith(namespace: string, data: Record<string, string | null>): Promise<ApiObject> {
  const sealed = await holder.world.seal({ namespace, name: 'db' }, { a: 's3cret' });
  return { ...sealed, spec: { ...(sealed['spec'] as object), template: { data } } };
}

/**
 * What kubeseal makes of a SealedSecret with the keys of the cluster, as somebody who lost the controller.
 */
async function recover(sealed: ApiObject): Promise<ApiObject> {
  const file = join(scratch, 'keys.json');
  await writeFile(
    file,
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: await holder.world.keySecrets() }),
  );
  const args = ['--recovery-unseal', `--recovery-private-key=${file}`];
  const { code, stdout, stderr } = await runToEnd(KUBESEAL, args, JSON.stringify(sealed));
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as ApiObject;
}

describe('templates', () => {
  it('are rendered by kubeseal --recovery-unseal as by the controller', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const sealed = await sealedWith(namespace, { file: 'password={{ .a | upper }}', plain: 'text' });
    await world.apply(sealed);
    await world.untilSynced(namespace, 'db', 'True');
    const secret = await world.secret(namespace, 'db');
    expect(textsOf(secret)).toEqual({ a: 's3cret', file: 'password=S3CRET', plain: 'text' });
    expect((await recover(sealed))['data']).toEqual(secret?.['data']);
  });
  it('that are null leave their item out, by the controller and by kubeseal --recovery-unseal', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    const sealed = await sealedWith(namespace, { a: null, file: null, copy: '{{ .a }}' });
    await world.apply(sealed);
    await world.untilSynced(namespace, 'db', 'True');
    const secret = await world.secret(namespace, 'db');
    expect(textsOf(secret)).toEqual({ copy: 's3cret' });
    expect((await recover(sealed))['data']).toEqual(secret?.['data']);
  });
});
