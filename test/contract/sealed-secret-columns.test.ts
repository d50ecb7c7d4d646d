import { beforeAll, describe, expect, it } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import { applySealedSecretCrd } from '../support/cluster/sealed-secret-crd.ts';
import { freshNamespace, useCluster } from '../support/cluster/use-cluster.ts';

const contract = useCluster();
const TABLE = 'application/json;as=Table;g=meta.k8s.io;v=v1';
const FINGERPRINT = 'SHA256:C/Jg8H3nJulW7dkigIiVbQscSRQYQjvmv/77YzO5kXs';

interface Table {
  readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
  readonly rows: readonly { readonly cells: readonly unknown[] }[];
}

function tableOf({ columnDefinitions, rows }: ApiObject): Table {
  return {
    columnDefinitions: columnDefinitions as Table['columnDefinitions'],
    rows: rows as Table['rows'],
  };
}

/** The row of one SealedSecret by column, without its age. */
async function rowOf(name: string, status: unknown): Promise<Record<string, unknown>> {
  const { client } = contract;
  const { name: namespace } = await freshNamespace(client);
  const path = `/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets`;
  const spec = { encryptedData: { password: 'AgA=' } };
  await client.create(path, {
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata: { name },
    spec,
  });
  await client.patch(`${path}/${name}/status`, 'merge', { status });
  const { body } = await client.request('GET', path, { accept: TABLE });
  const { columnDefinitions, rows } = tableOf(body);
  const cells = columnDefinitions.map((column, index) => [column.name, rows[0]?.cells[index]] as const);
  return Object.fromEntries(cells.filter(([column]) => column !== 'Age'));
}

describe('columns of SealedSecrets', () => {
  beforeAll(() => applySealedSecretCrd(contract.client));

  it('are narrow without -o wide', async () => {
    const { body } = await contract.client.request('GET', '/apis/bitnami.com/v1alpha1/sealedsecrets', {
      accept: TABLE,
    });
    const { columnDefinitions } = tableOf(body);
    const narrow = columnDefinitions.filter(({ priority }) => priority === 0);
    expect(narrow.map(({ name }) => name)).toEqual(['Name', 'Status', 'Synced', 'Age']);
    expect(columnDefinitions.slice(narrow.length).map(({ name }) => name)).toEqual(['Message', 'Keys']);
  });

  it('show the reason of a failure, and its message with -o wide', async () => {
    const failure = {
      status: 'False',
      reason: 'NoKeyOpensValue',
      message: 'no key could decrypt secret (a)',
    };
    const conditions = [
      { type: 'Other', status: 'True' },
      { type: 'Synced', ...failure },
    ];
    expect(await rowOf('db', { conditions })).toEqual({
      Name: 'db',
      Status: failure.reason,
      Synced: 'False',
      Message: failure.message,
      Keys: null,
    });
  });

  it('show the keys of a success with -o wide', async () => {
    const conditions = [{ type: 'Synced', status: 'True', reason: 'Unsealed' }];
    const lastUnseal = { keys: { password: FINGERPRINT } };
    expect(await rowOf('db', { conditions, lastUnseal })).toEqual({
      Name: 'db',
      Status: 'Unsealed',
      Synced: 'True',
      Message: null,
      Keys: `{"password":"${FINGERPRINT}"}`,
    });
  });

  it('stay empty where the controller has not come by yet', async () => {
    expect(await rowOf('new', {})).toEqual({
      Name: 'new',
      Status: null,
      Synced: null,
      Message: null,
      Keys: null,
    });
  });
});
