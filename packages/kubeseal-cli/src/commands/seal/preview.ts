import { type Recipient, type SealedSecret, type Secret, sealSecret } from '@fuin/crypto-core';
import { formatManifest, orderSealedSecret } from '@fuin/manifests';
import { adviseOnSecret } from '../../input/advice.ts';
import type { CommandWorld } from '../../invocation/command.ts';
import { isStream } from '../../io/files.ts';
import { ANY_SEALED, unifiedDiff } from '../../output/diff.ts';
import { createdAs } from './new-secret.ts';
import type { Order } from './order.ts';
import { type Templates, withTemplates } from './templates.ts';

/** Seals nothing: in a dry run, no value leaves what holds it. */
const NOBODY: Recipient = { id: '', format: 'v1', seal: async () => new Uint8Array() };

/** Go writes JSON so that it may stand in HTML, and so do we; in a diff a person reads it. */
const IN_JSON = '\\u003csealed\\u003e';
/** How a diff names stdout. */
const STDOUT = 'stdout';

/**
 * What `kubeseal create --dry-run` says: the SealedSecrets that would be written, with `<sealed>` in place of
 * each value, and without the note and the signature, which need the key.
 */
export async function previewOrders(
  orders: readonly Order[],
  secretFor: (place: { readonly namespace: string }) => Secret,
  { templates, showsDiff }: { readonly templates: Templates; readonly showsDiff: boolean },
  { io, warns, warn }: Pick<CommandWorld, 'io' | 'warns' | 'warn'>,
): Promise<void> {
  for (const order of orders) {
    const { file, label, scope, format } = order;
    const secret = secretFor(order);
    if (warns) await adviseOnSecret(secret, label, warn);
    const sealed = withTemplates(masked(await sealSecret(secret, NOBODY, scope)), templates);
    const text = formatManifest(orderSealedSecret(sealed), format).replaceAll(IN_JSON, ANY_SEALED);
    const after = Buffer.from(text);
    const name = file === '' || isStream(file) ? STDOUT : file;
    if (showsDiff)
      await io.stdout.write(
        unifiedDiff(name, io.cwd, { before: undefined, after }, io.stdout.isTty === true),
      );
    warn(`note: would have created ${createdAs(order, sealed, templates)}`);
  }
}

function masked(sealed: SealedSecret): SealedSecret {
  const items = Object.keys(sealed.spec.encryptedData);
  return {
    ...sealed,
    spec: { ...sealed.spec, encryptedData: Object.fromEntries(items.map((item) => [item, ANY_SEALED])) },
  };
}
