import { describe, expect } from 'vitest';
import { useWorld } from '../support/use-world.ts';
import { it } from './it.ts';

const holder = useWorld();
const P = 'sealedsecrets.bitnami.com/';
/** Long enough for a controller that would act to have acted. */
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 700));

async function reconciles(): Promise<number> {
  const text = await holder.world.metrics();
  return Number(/^sealed_secrets_controller_unseal_requests_total (\d+)$/m.exec(text)?.[1]);
}

const pathOf = (namespace: string) => `/apis/bitnami.com/v1alpha1/namespaces/${namespace}/sealedsecrets/db`;

describe('what calls for a reconcile', () => {
  it('is no change of the status alone', async () => {
    const { world } = holder;
    const namespace = await world.namespace();
    await world.apply(await world.seal({ namespace, name: 'db' }, { a: '1' }));
    await world.untilSynced(namespace, 'db', 'True');
    await untilQuiet(); // its own writing has come back
    const before = await reconciles();
    const condition = { type: 'Theirs', status: 'True' };
    const { conditions } = (await world.sealedSecret(namespace, 'db'))['status'] as { conditions: object[] };
    const body = { status: { conditions: [...conditions, condition] } };
    await world.client.patch(`${pathOf(namespace)}/status`, 'merge', body);
    await aWhile();
    expect(await reconciles()).toBe(before);
    const after = (await world.sealedSecret(namespace, 'db'))['status'] as { conditions: object[] };
    expect(after.conditions).toContainEqual(condition);
  });
  it('is the deletion of a Secret that has no owner and is managed', async () => {
    await remakes({ [`${P}managed`]: 'true' });
  });
  it('is the deletion of a Secret that has neither owner nor mark', async () => {
    await remakes({});
  });
});

/** Deletes a Secret without owner and waits for it to be there again. */
async function remakes(mark: Record<string, string>): Promise<void> {
  const { world } = holder;
  const namespace = await world.namespace();
  const annotations = { [`${P}skip-set-owner-references`]: 'true', ...mark };
  await world.apply(await world.seal({ namespace, name: 'db', annotations }, { a: '1' }));
  await world.untilItem(namespace, 'db', ['a', '1']);
  await untilQuiet();
  await world.client.delete(`/api/v1/namespaces/${namespace}/secrets/db`);
  await world.untilItem(namespace, 'db', ['a', '1']);
}

/** Waits until no reconcile comes for a while: upstream's 5 requests a second delay its retries. */
async function untilQuiet(): Promise<void> {
  for (let before = -1, now = await reconciles(); now !== before; before = now, now = await reconciles())
    await aWhile();
}
