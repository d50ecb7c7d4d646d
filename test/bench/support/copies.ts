import type { ApiClient } from '../../support/api/api-client.ts';
import type { ApiObject } from '../../support/api/types.ts';
import type { World } from '../../support/world.ts';
import { concurrently } from './figures/concurrently.ts';
import { CLIENTS, listAll, sealedSecretsIn, secretsIn } from './objects.ts';

/** Writes like the controller, so that it takes the Secrets for its own. */
const MANAGER = '?fieldManager=sealed-secrets-controller';

/** A SealedSecret with its Secret, as the controller left both. */
interface Pattern {
  readonly sealed: ApiObject;
  readonly secret: ApiObject;
}

/**
 * Copies the SealedSecrets of a namespace in turn, with their Secrets and statuses, so that the controller
 * finds the copies in sync. They must be sealed cluster-wide.
 *
 * @returns what adds the copies with these numbers, named `copy-NUMBER`
 */
export async function copiesOf({
  client,
  home,
}: Pick<World, 'client' | 'home'>): Promise<(from: number, to: number) => Promise<void>> {
  const sealedSecrets = await listAll(client, sealedSecretsIn(home));
  const secrets = new Map(
    (await listAll(client, secretsIn(home))).map((secret) => [secret.metadata.name, secret]),
  );
  return async (from, to) => {
    const numbers = Array.from({ length: to - from }, (_, index) => from + index);
    await concurrently(numbers, CLIENTS, async (number) => {
      const sealed = sealedSecrets[number % sealedSecrets.length];
      const secret = secrets.get(sealed?.metadata.name);
      if (!sealed || !secret) throw new Error('WRONG: a SealedSecret to copy has no Secret');
      await copy(client, { sealed, secret }, `copy-${number}`);
    });
  };
}

async function copy(client: ApiClient, { sealed, secret }: Pattern, name: string): Promise<void> {
  const { namespace = '', annotations } = sealed.metadata;
  const { status, ...rest } = sealed;
  const owner = await client.create(sealedSecretsIn(namespace), {
    ...rest,
    metadata: { name, namespace, annotations },
  });
  const { metadata } = await client.create(`${secretsIn(namespace)}${MANAGER}`, {
    ...secret,
    metadata: {
      name,
      namespace,
      labels: secret.metadata.labels,
      annotations: secret.metadata.annotations,
      ownerReferences: secret.metadata.ownerReferences?.map((reference) => ({
        ...reference,
        name,
        uid: owner.metadata.uid,
      })),
    },
  });
  const known = status as { readonly lastUnseal: object };
  const { uid: secretUID, resourceVersion: secretResourceVersion } = metadata;
  const lastUnseal = { ...known.lastUnseal, secretUID, secretResourceVersion };
  await client.patch(`${sealedSecretsIn(namespace)}/${name}/status${MANAGER}`, 'merge', {
    status: { ...known, lastUnseal },
  });
}
