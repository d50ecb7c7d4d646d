import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { sealedYaml } from '../../testing/opened.ts';
import { runCli } from '../../testing/run-cli.ts';

const DB = await sealedYaml({ password: 'hunter2', user: 'ann' });
const OTHER = await sealedYaml({ password: 'other', user: 'ann' });
const SEALED = '/apis/bitnami.com/v1alpha1/namespaces/shop/sealedsecrets/db';
const SECRET = '/api/v1/namespaces/shop/secrets/db';

interface Live {
  metadata: { uid?: unknown; generation?: number; annotations?: unknown; ownerReferences?: unknown };
  spec: { encryptedData: unknown; template: unknown };
  status: unknown;
  data: unknown;
}
type LiveSecret = Pick<Live, 'metadata' | 'data'>;

/** Objects of a cluster whose controller unsealed the file, and what a test changes about them. */
function answers(
  change: (sealed: Live, secret: LiveSecret) => void = () => undefined,
): Record<string, unknown> {
  const synced = { type: 'Synced', status: 'True' };
  const sealed = {
    ...parse(DB),
    status: { observedGeneration: 2, conditions: [synced] },
  };
  Object.assign(sealed.metadata, { uid: 'u1', generation: 2 });
  const secret = {
    kind: 'Secret',
    metadata: { name: 'db', ownerReferences: [{ uid: 'u1', kind: 'SealedSecret', name: 'db' }] },
    data: { password: btoa('hunter2'), user: btoa('ann') },
  };
  change(sealed, secret);
  return { [SEALED]: sealed, [SECRET]: secret };
}

describe('opening with --from-cluster', () => {
  let served: Record<string, unknown> = {};
  let status = 200;
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    const answer = served[url];
    const body = typeof answer === 'string' ? answer : JSON.stringify(answer ?? { message: 'not found' });
    response.writeHead(answer === undefined ? 404 : status).end(body);
  });
  beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
  afterAll(() => void server.close());
  beforeEach(() => {
    [served, status] = [answers(), 200];
    asked.length = 0;
  });
  const unseal = async (stdin = DB, more: readonly string[] = []) => {
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const argv = [
      'unseal',
      '-',
      '--from-cluster',
      '--server',
      at,
      ...(more.includes('--item') ? [] : ['-o', 'dotenv']),
      ...more,
    ];
    const { code, stdout, stderr } = await runCli({ argv, stdin });
    expect(stderr).not.toContain('hunter2');
    return { code, stdout, errors: stderr.match(/^error: .*$/gm) ?? [] };
  };

  it('takes values from the Secret that the controller made of the same sealed values', async () => {
    expect(await unseal()).toEqual({ code: 0, stdout: 'password=hunter2\nuser=ann\n', errors: [] });
    expect(asked).toEqual([SEALED, SECRET]);
  });
  it('takes what is the same although another value differs', async () => {
    const mixed = DB.replace(/ {4}password: .*/, / {4}password: .*/.exec(OTHER)?.[0] ?? '');
    expect((await unseal(mixed)).code).toBe(1);
    expect(await unseal(mixed, ['--item', 'user'])).toEqual({ code: 0, stdout: 'ann', errors: [] });
  });
  it.each<[string, (sealed: Live, secret: LiveSecret) => void, string]>([
    [
      'has other sealed values',
      (sealed) => Object.assign(sealed.spec, { encryptedData: parse(OTHER).spec.encryptedData }),
      'password, user: the cluster holds another sealed value of it',
    ],
    [
      'has the same sealed values for another scope',
      (sealed) =>
        Object.assign(sealed.metadata, { annotations: { 'sealedsecrets.bitnami.com/cluster-wide': 'true' } }),
      'password, user: the cluster holds another sealed value of it',
    ],
    [
      'has no items',
      (sealed) => Object.assign(sealed.spec, { encryptedData: null }),
      'password, user: the cluster holds another sealed value of it',
    ],
    [
      'is not unsealed',
      (sealed) => Object.assign(sealed, { status: undefined }),
      'password, user: the controller has not unsealed it as it is now',
    ],
    [
      'failed to be unsealed',
      (sealed) => Object.assign(sealed, { status: { conditions: [{ type: 'Synced', status: 'False' }] } }),
      'password, user: the controller has not unsealed it as it is now',
    ],
    [
      'has a status of an earlier generation',
      (sealed) => Object.assign(sealed.metadata, { generation: 3 }),
      'password, user: the controller has not unsealed it as it is now',
    ],
    [
      'has a status that is no object',
      (sealed) => Object.assign(sealed, { status: [true] }),
      'password, user: the controller has not unsealed it as it is now',
    ],
    [
      'does not own the Secret',
      (_sealed, secret) => Object.assign(secret.metadata, { ownerReferences: [{ uid: 'u2' }] }),
      'password, user: the cluster has no Secret that belongs to it',
    ],
    [
      'has no uid, like the owner of the Secret',
      (sealed, secret) => {
        sealed.metadata.uid = undefined;
        secret.metadata.ownerReferences = [{}];
      },
      'password, user: the cluster has no Secret that belongs to it',
    ],
    [
      'has a template of the name of an item',
      (sealed) => Object.assign(sealed.spec, { template: { data: { user: 'x' } } }),
      'user: a template of its name may take its place in the Secret',
    ],
    [
      'has a Secret without an item',
      (_sealed, secret) => Object.assign(secret, { data: { user: btoa('ann') } }),
      'password: the Secret in the cluster lacks it',
    ],
    [
      'has a Secret whose data is no map',
      (_sealed, secret) => Object.assign(secret, { data: 'hunter2' }),
      'password, user: the Secret in the cluster lacks it',
    ],
    [
      'has a Secret with a value that is no Base64',
      (_sealed, secret) => Object.assign(secret, { data: { password: 'hunter2!', user: btoa('ann') } }),
      'password: the Secret in the cluster holds no Base64',
    ],
  ])('takes nothing of what may be something else: the cluster %s', async (_what, change, reasons) => {
    served = answers(change);
    expect(await unseal()).toEqual({
      code: 1,
      stdout: '',
      errors: [`error: document 1 of stdin stays closed (${reasons})`],
    });
  });
  it.each<[string, () => void, string]>([
    [
      'there is no such SealedSecret',
      () => {
        served = {};
      },
      'document 1 of stdin stays closed (password, user: the cluster has no such SealedSecret)',
    ],
    [
      'the Secret may not be read',
      () => {
        served = { [SEALED]: served[SEALED], [SECRET]: undefined };
      },
      'document 1 of stdin stays closed (password, user: the cluster has no Secret that belongs to it)',
    ],
    [
      'the API server forbids it',
      () => {
        status = 403;
        served = { [SEALED]: { message: 'sealedsecrets "db" is forbidden' } };
      },
      'stdin: cannot read from the cluster: sealedsecrets "db" is forbidden',
    ],
    [
      'the answer is no JSON',
      () => {
        served = { [SEALED]: '<html>hunter2</html>' };
      },
      'stdin: cannot read from the cluster: the answer is not JSON',
    ],
  ])('ends with one line if %s', async (_what, arrange, message) => {
    arrange();
    expect(await unseal()).toEqual({ code: 1, stdout: '', errors: [`error: ${message}`] });
  });
  it('asks for nothing where a name would lead elsewhere', async () => {
    const moved = DB.replace('  name: db', '  name: ../../../../api/v1/namespaces/kube-system/secrets/key');
    const { code, errors } = await unseal(moved);
    expect({ code, errors }).toEqual({
      code: 1,
      errors: [
        'error: document 1 of stdin stays closed (password, user: the cluster has no such SealedSecret)',
      ],
    });
    expect(
      asked.every((path) => path.startsWith('/apis/bitnami.com/v1alpha1/namespaces/shop/sealedsecrets/')),
    ).toBe(true);
  });
  it('needs the namespace', async () => {
    const bare = DB.replaceAll(/^ +namespace: .*\n/gm, '');
    expect((await unseal(bare)).errors).toEqual([
      'error: document 1 of stdin stays closed (password, user: the file does not say in which namespace it is)',
    ]);
    expect((await unseal(bare, ['-n', 'shop'])).code).toBe(0);
  });
});
