import type { ApiObject } from '../support/api/types.ts';
import { sealedPath, secretPath, statusOf, textsOf } from '../support/objects.ts';
import { isTruthful, type Scene } from '../support/scene.ts';

/** What must be the same whatever happened on the way: no times, uids or versions. */
export interface EndState {
  readonly sealedSecrets: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, unknown>>;
  readonly keys: number;
}

/**
 * Reads the end state of a scene. A status that claims success is checked against the Secret that it names.
 */
export async function endStateOf(scene: Scene): Promise<EndState> {
  const { client } = scene.world;
  const { items: sealedSecrets } = await client.list(sealedPath(scene.namespace));
  const { items: secrets } = await client.list(secretPath(scene.namespace));
  const ownerOf = new Map(sealedSecrets.map(({ metadata }) => [metadata.uid, metadata.name]));
  const byName = new Map(secrets.map((secret) => [secret.metadata.name, secret]));
  return {
    sealedSecrets: named(sealedSecrets, (each) => describeStatus(each, byName.get(each.metadata.name))),
    secrets: named(secrets, (each) => describeSecret(each, ownerOf)),
    keys: (await scene.world.keySecrets()).length,
  };
}

function describeStatus(sealedSecret: ApiObject, secret: ApiObject | undefined): unknown {
  const { observedGeneration, conditions = [] } = statusOf(sealedSecret);
  return {
    isObserved: observedGeneration === sealedSecret.metadata.generation,
    conditions: conditions.map(({ type, status, reason, message }) => ({ type, status, reason, message })),
    isTruthful: isTruthful(sealedSecret, secret),
  };
}

function describeSecret(secret: ApiObject, ownerOf: ReadonlyMap<string | undefined, unknown>): unknown {
  const { labels, annotations, ownerReferences = [] } = secret.metadata;
  const owners = ownerReferences.map(({ uid, controller }) => [ownerOf.get(uid) ?? 'nobody', controller]);
  return { type: secret['type'], texts: textsOf(secret), labels, annotations, owners };
}

function named(objects: readonly ApiObject[], describe: (object: ApiObject) => unknown) {
  return Object.fromEntries(objects.map((object) => [object.metadata.name, describe(object)]));
}
