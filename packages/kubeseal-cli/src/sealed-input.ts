import { parseSealedSecret, type SealedSecret, SealedSecretsError } from '@fuin/crypto-core';
import type { Input, Invocation } from './invocation.ts';
import { type ManifestDocument, noSecretsFound, readManifests } from './manifest.ts';
import { withPlace } from './secret-input.ts';
import { SEALED_SECRET_SHAPE } from './yaml/shape.ts';

/** One SealedSecret of the input. */
export interface SealedInput {
  readonly label: string;
  readonly sealedSecret: SealedSecret;
  /** The whole object, also fields that SealedSecret does not have. */
  readonly document: ManifestDocument;
}

/**
 * Reads the SealedSecrets of the input. Their kind is checked before anything is sent anywhere: a plain Secret would go over the wire in the clear.
 *
 * @throws ERR_MANIFEST_INVALID also when there is none
 */
export async function readSealedSecrets(invocation: Invocation, input: Input): Promise<SealedInput[]> {
  const { documents, warnings } = await readManifests(input.bytes, input.where, SEALED_SECRET_SHAPE);
  for (const warning of warnings) invocation.warn(warning);
  if (documents.length === 0) throw noSecretsFound();
  return documents.map((document) => ({ label: document.label, document, sealedSecret: parse(document) }));
}

function parse(document: ManifestDocument): SealedSecret {
  const { label, value } = document;
  try {
    return parseSealedSecret(value);
  } catch (error) {
    if (value['kind'] === 'Secret') {
      throw new SealedSecretsError('ERR_MANIFEST_INVALID', `${label} is a Secret, not a SealedSecret`, {
        hint: 'seal it first; without a mode flag kubeseal seals',
      });
    }
    throw withPlace(error, label);
  }
}

/** Says what may be wrong when no key opens a value; the causes look alike on purpose. */
export function explainUnopened(error: unknown): unknown {
  if (!(error instanceof SealedSecretsError) || error.code !== 'ERR_NO_KEY_OPENS_VALUE') return error;
  return new SealedSecretsError(error.code, error.message, {
    items: error.items,
    hint: 'the key is missing from --recovery-private-key, the value was changed, or name, namespace or scope are not those it was sealed for',
  });
}
