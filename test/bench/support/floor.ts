import { availableParallelism } from 'node:os';
import type { RsaKeyPair } from '@fuin/crypto-core';
import type { ApiClient } from '../../support/api/api-client.ts';
import { ensureNamespace } from '../../support/api/apply.ts';
import type { ApiObject } from '../../support/api/types.ts';
import { uniqueName } from '../../support/cluster/use-cluster.ts';
import { concurrently } from './figures/concurrently.ts';
import { rawRsa } from './figures/raw-rsa.ts';
import { CLIENTS, inNamespace, listAll, sealedSecretsIn, secretsIn } from './objects.ts';
import type { Figures, Task } from './scenarios.ts';
import { watchSynced } from './settle.ts';

const RSA_ROUND_MS = 2000;

/** What no controller can do without, in milliseconds. */
export interface Floor {
  /** The writes of a creation: SealedSecret, Secret, status, and as many events as there were. */
  readonly writesMs: number;
  /** The RSA operations, on all cores. */
  readonly rsaMs: number;
}

/**
 * The least that a creation takes: a bare loop makes the same writes once more in a namespace of its own,
 * watched by the same watch but by no controller, and then the RSA operations go on with nothing else.
 */
export async function floorOf(task: Task, created: Figures, pair: RsaKeyPair): Promise<Floor> {
  const { client, home } = task.contender.world;
  const writes = await writesIn(client, home, created.events);
  const namespace = uniqueName('floor');
  await ensureNamespace(client, namespace);
  const { done } = await watchSynced(client, namespace, task.objects.length);
  const startMs = performance.now();
  await concurrently(task.objects, CLIENTS, async (object) => {
    const sealed = inNamespace(object, namespace);
    const { metadata } = await client.create(sealedSecretsIn(namespace), sealed);
    const { secret, status, event } = writes.get(metadata.name ?? '') ?? {};
    if (!secret) throw new Error(`WRONG: no controller has written ${metadata.name}`);
    await client.create(secretsIn(namespace), ownedBy(secret, metadata));
    const path = `${sealedSecretsIn(namespace)}/${metadata.name}/status`;
    await client.update(path, { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', metadata, status });
    if (event) await client.create(`/api/v1/namespaces/${namespace}/events`, inOther(event, namespace));
  });
  const writesMs = (await done) - startMs;
  const measure = await rawRsa(pair, { cores: availableParallelism(), roundMs: RSA_ROUND_MS });
  const { perSecond } = await measure();
  return { writesMs, rsaMs: ((created.rsa ?? 0) / perSecond) * 1000 };
}

interface Writes {
  readonly secret?: ApiObject;
  readonly status?: unknown;
  readonly event?: ApiObject;
}

/** What the controller wrote for each object, by name. @param events how many of the events count */
async function writesIn(
  client: ApiClient,
  namespace: string,
  events: number,
): Promise<ReadonlyMap<string, Writes>> {
  const statuses = await listAll(client, sealedSecretsIn(namespace));
  const writes = new Map<string, Writes>(
    statuses.map(({ metadata, ...rest }) => [metadata.name ?? '', { status: rest['status'] }]),
  );
  const add = (name: string, more: Writes) => writes.set(name, { ...writes.get(name), ...more });
  for (const secret of await listAll(client, secretsIn(namespace)))
    add(secret.metadata.name ?? '', { secret });
  const recorded = await listAll(client, `/api/v1/namespaces/${namespace}/events`);
  for (const event of recorded.slice(0, events)) {
    const { name } = event['involvedObject'] as { readonly name: string };
    add(name, { event });
  }
  return writes;
}

function ownedBy({ metadata, ...secret }: ApiObject, owner: ApiObject['metadata']): unknown {
  const { name, labels, annotations, ownerReferences = [] } = metadata;
  const owners = ownerReferences.map((reference) => ({ ...reference, uid: owner.uid }));
  const kept = {
    name,
    namespace: owner.namespace,
    ...(labels && { labels }),
    ...(annotations && { annotations }),
  };
  return { apiVersion: 'v1', kind: 'Secret', ...secret, metadata: { ...kept, ownerReferences: owners } };
}

function inOther({ metadata: { name }, ...event }: ApiObject, namespace: string): unknown {
  const involvedObject = { ...(event['involvedObject'] as object), namespace };
  return { apiVersion: 'v1', kind: 'Event', ...event, metadata: { name, namespace }, involvedObject };
}
