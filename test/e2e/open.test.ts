import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import { runTool } from '../support/tools/run-tool.ts';
import { useWorld } from '../support/use-world.ts';
import { it } from './it.ts';

const KUBESEAL = join(import.meta.dirname, '../../packages/kubeseal-cli/bin/kubeseal.ts');
const holder = useWorld();
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'fuin-open-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Runs kubeseal with an administrator's kubeconfig unless it names another one. */
async function kubeseal(args: readonly string[], env: NodeJS.ProcessEnv = {}, kubeconfig?: string) {
  const all = {
    PATH: process.env['PATH'],
    HOME: scratch,
    KUBECONFIG: kubeconfig ?? holder.world.cluster.adminKubeconfig,
  };
  return runTool([process.execPath, KUBESEAL, ...args], { env: { ...all, ...env } });
}

/** A SealedSecret as a file, applied and unsealed. */
async function applied(
  items: Readonly<Record<string, string>>,
): Promise<{ namespace: string; file: string; sealed: ApiObject }> {
  const { world } = holder;
  const namespace = await world.namespace();
  const sealed = await world.seal({ namespace, name: 'db' }, items);
  await world.apply(sealed);
  await world.untilSynced(namespace, 'db', 'True');
  const file = join(scratch, `${namespace}.json`);
  await writeFile(file, JSON.stringify(sealed));
  return { namespace, file, sealed };
}

describe('kubeseal unseal and exec --from-cluster', () => {
  it('take the values that the controller unsealed', async () => {
    const { file } = await applied({ password: 'hunter2', USER_NAME: 'ann' });
    const printed = await kubeseal(['unseal', file, '--from-cluster', '--item', 'password']);
    expect(printed).toMatchObject({ code: 0, stdout: 'hunter2' });
    const show = ['--item', 'USER_NAME', '--', 'sh', '-c', 'echo "$USER_NAME"; exit 5'];
    expect(await kubeseal(['exec', file, '--from-cluster', ...show])).toMatchObject({
      code: 5,
      stdout: 'ann\n',
    });
  });
  it('take nothing once the file has another sealed value, or somebody else the Secret', async () => {
    const { world } = holder;
    const { namespace, file, sealed } = await applied({ password: 'hunter2' });
    await writeFile(file, JSON.stringify(await world.seal({ namespace, name: 'db' }, { password: 'other' })));
    const other = await kubeseal(['unseal', file, '--from-cluster']);
    expect({ code: other.code, stderr: other.stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('(password: the cluster holds another sealed value of it)'),
    });
    await writeFile(file, JSON.stringify(sealed));
    const path = `/api/v1/namespaces/${namespace}/secrets/db`;
    await world.client.patch(path, 'merge', { metadata: { ownerReferences: null } });
    const foreign = await kubeseal(['unseal', file, '--from-cluster']);
    expect(`${foreign.stdout}${foreign.stderr}`).not.toContain('hunter2');
  });
  it('take nothing for somebody who may not read Secrets', async () => {
    const { world } = holder;
    const { namespace, file } = await applied({ password: 'hunter2' });
    const kubeconfig = await world.cluster.kubeconfigFor({ namespace, name: 'reader' });
    const { code, stdout, stderr } = await kubeseal(['unseal', file, '--from-cluster'], {}, kubeconfig);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^error: .*cannot read from the cluster: sealedsecrets.bitnami.com "db" is forbidden/,
    );
  });
});

describe('kubeseal edit', () => {
  it('changes a value that the cluster shows, so that the controller unseals it', async () => {
    const { world } = holder;
    const { namespace, file } = await applied({ password: 'hunter2', user: 'ann' });
    const certificate = join(scratch, 'cert.pem');
    await writeFile(certificate, await world.certificate());
    const env = { EDITOR: 'sed -i s/hunter2/hunter3/' };
    const { code, stderr } = await kubeseal(['edit', file, '--from-cluster', '--cert', certificate], env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('changed password') });
    await world.apply(JSON.parse(await readFile(file, 'utf8')) as ApiObject);
    await world.untilItem(namespace, 'db', ['password', 'hunter3']);
  });
});
