import {
  ownerReferenceTo,
  type SealedSecret,
  SealedSecretsError,
  type Secret,
  unsealSecret,
} from '@fuin/crypto-core';
import { formatManifest, orderSecret } from '@fuin/manifests';
import { inAskedPlace } from '../../input/asked-place.ts';
import { hasTemplate, openRenderer } from '../../input/opening/renderer.ts';
import { readRecoveryKeys } from '../../input/recovery-keys.ts';
import { explainUnopened, readSealedSecrets, type SealedInput } from '../../input/sealed-secrets.ts';
import { withPlace } from '../../input/secrets.ts';
import type { Invocation } from '../../invocation/invocation.ts';
import { readAllInputs } from '../../io/inputs.ts';
import { outputFormat, writeOutput } from '../../output/output.ts';
import { withProgress } from '../../output/progress.ts';

/** Opens SealedSecrets offline with the given private keys and prints the Secrets, templates rendered. */
export async function recoveryUnseal(invocation: Invocation): Promise<void> {
  const { io, recoveryKeys, target, typedPlace, output, warn } = invocation;
  const keyRing = recoveryKeys.length === 0 ? undefined : await readRecoveryKeys(io.cwd, recoveryKeys);
  const read: SealedInput[] = [];
  for (const input of await readAllInputs(invocation.inputs, io))
    read.push(...(await readSealedSecrets(input, warn)));
  const inputs = inAskedPlace(read, target.namespace, typedPlace);
  if (!keyRing) throw noKey(inputs);
  const format = outputFormat(output.file, output.format);
  const needsTemplates = inputs.some(({ sealedSecret }) => hasTemplate(sealedSecret));
  const renderer = needsTemplates ? await openRenderer() : undefined;
  try {
    const texts: string[] = [];
    const options = renderer ? { renderTemplates: renderer.render } : {};
    await withProgress(io, { doing: 'opening', total: inputs.length }, async (step) => {
      for (const { sealedSecret, label } of inputs) {
        const { secret } = await unsealSecret(sealedSecret, keyRing, options).catch((error: unknown) => {
          throw withPlace(explainUnopened(error), label);
        });
        texts.push(formatManifest(orderSecret(printable(secret, sealedSecret)), format));
        step();
      }
    });
    await writeOutput(output.file, texts.join(''), io);
  } finally {
    await renderer?.close();
  }
}

/** The error in upstream's words. */
function noKey(inputs: readonly SealedInput[]): SealedSecretsError {
  const items = inputs.flatMap(({ sealedSecret }) => Object.keys(sealedSecret.spec.encryptedData));
  return new SealedSecretsError(
    'ERR_NO_KEY_OPENS_VALUE',
    `no key could decrypt secret (${[...new Set(items)].sort().join(', ')})`,
    {
      hint: 'no private key was given: name the backup of the sealing keys with --recovery-private-key FILE',
    },
  );
}

/**
 * The Secret like upstream prints it: an empty value is null. It has an owner reference only if the
 * SealedSecret has a uid: without one the API server would refuse the Secret.
 */
function printable(secret: Secret, sealedSecret: SealedSecret): object {
  const data = Object.entries(secret.data ?? {}).map(([item, value]) => [item, value === '' ? null : value]);
  const owner = sealedSecret.metadata.uid ? { ownerReferences: [ownerReferenceTo(sealedSecret)] } : {};
  return { ...secret, metadata: { ...secret.metadata, ...owner }, data: Object.fromEntries(data) };
}
