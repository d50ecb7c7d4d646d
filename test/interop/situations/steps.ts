import { API_VERSION, encodeBase64, encodeUtf8, encryptionLabel, KIND } from '@fuin/crypto-core';
import { parseCertificate } from '@fuin/crypto-core/x509';
import type { ApiObject } from '../../support/api/types.ts';
import { sealedPath } from '../../support/objects.ts';
import type { Scene } from '../../support/scene.ts';
import { eventually } from '../../support/time/eventually.ts';

/** Applies a SealedSecret and waits until the controller has answered it. */
export async function apply(scene: Scene, sealed: ApiObject): Promise<void> {
  await scene.apply(sealed);
  await scene.untilObserved();
}

/** Seals, applies and waits until the controller has answered. */
export async function unseal(scene: Scene, ...sealing: Parameters<Scene['seal']>): Promise<void> {
  await apply(scene, await scene.seal(...sealing));
}

/** The legacy form: one value over a whole Secret, sealed for this object or one of another name. */
export async function legacy(scene: Scene, content: unknown, sealedFor = scene.name): Promise<ApiObject> {
  const { namespace, name } = scene;
  const { recipient } = await parseCertificate(await scene.world.certificate());
  const label = encryptionLabel('strict', namespace, sealedFor);
  const data = encodeBase64(await recipient.seal(encodeUtf8(JSON.stringify(content)), label));
  return {
    apiVersion: API_VERSION,
    kind: KIND,
    metadata: { name, namespace },
    spec: { data, encryptedData: {} },
  };
}

/** Replaces the SealedSecret by one without items: server-side apply would send null for an empty map. */
export async function removeItems(scene: Scene): Promise<void> {
  const { client } = scene.world;
  const path = sealedPath(scene.namespace, scene.name);
  const { spec, ...sealed } = await client.get(path);
  await client.update(path, { ...sealed, spec: { ...(spec as object), encryptedData: {} } });
  await scene.untilObserved();
}

/**
 * Waits until upstream's controller stops trying: it does not see later changes. Our controller never gives
 * up.
 */
export async function giveUp({ world, namespace, name }: Scene): Promise<void> {
  const line = `giving up" key=${namespace}/${name} `;
  const hasGivenUp = async () => !world.isUpstream || (await world.controller.logs()).includes(line);
  await eventually(line, async () => (await hasGivenUp()) || undefined);
}

/** Waits until a new SealedSecret was handled: by then the controller has seen every earlier change. */
export async function settle(scene: Scene): Promise<void> {
  await unseal(scene.named(`${scene.name}-marker`), { a: '1' });
}
