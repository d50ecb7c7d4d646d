import { uniqueName } from '../support/cluster/use-cluster.ts';
import { secretPath } from '../support/objects.ts';
import type { World } from '../support/world.ts';

/**
 * Waits until a SealedSecret that is new now has its Secret: by then the controller has handled what came
 * before.
 *
 * @param labels of the SealedSecret, for a controller that sees no others
 */
export async function settle(
  world: World,
  namespace: string,
  labels: Record<string, string> = {},
): Promise<string> {
  const name = uniqueName('marker');
  const sealed = await world.seal({ namespace, name }, { a: '1' });
  await world.apply({ ...sealed, metadata: { ...sealed.metadata, labels } });
  await world.untilItem(namespace, name, ['a', '1']);
  return name;
}

/** Does the same and deletes that Secret: once it is back, the controller has handled earlier Secrets too. */
export async function settleSecrets(world: World, namespace: string): Promise<void> {
  const name = await settle(world, namespace);
  await world.untilSynced(namespace, name, 'True');
  await world.client.delete(secretPath(namespace, name));
  await world.untilItem(namespace, name, ['a', '1']);
}
