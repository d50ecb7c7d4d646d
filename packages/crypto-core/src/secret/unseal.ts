import { type Bytes, decodeUtf8, encodeBase64 } from '../bytes.ts';
import { SealedSecretsError } from '../errors.ts';
import type { KeyRing } from '../value/key-ring.ts';
import { assembleSecret, ownName, type RenderTemplates } from './assemble-secret.ts';
import { legacyDataError, type OpenOptions, openItems } from './open-items.ts';
import { parseSecret } from './parse.ts';
import type { SealedSecret, Secret } from './resource.ts';
import { plaintextOf } from './seal.ts';

/** How a SealedSecret is opened. */
export interface UnsealOptions {
  /** Needed for objects whose `spec.template.data` holds `{{`. */
  readonly renderTemplates?: RenderTemplates;
  /** Ids of keys that likely fit. */
  readonly hints?: readonly string[];
  /** Accept the legacy `spec.data` (docs/wire-format.md §6). */
  readonly acceptV1Data?: boolean;
}

/**
 * The Secret that a SealedSecret stands for, without owner reference, and by item the id of the key that
 * opened it.
 */
export interface Unsealed {
  readonly secret: Secret;
  readonly openedBy: ReadonlyMap<string, string>;
}

/**
 * Opens a SealedSecret: opens the items, renders the templates, builds the Secret as the template describes
 * it. Name and namespace are always those of the SealedSecret. Sealed items win over template entries of the
 * same name, except over null: it leaves the item out of the Secret, and templates still see its value.
 *
 * @throws ERR_MANIFEST_INVALID for legacy data that is not accepted or stands beside encryptedData
 * @throws ERR_ENVELOPE_MALFORMED, ERR_NO_KEY_OPENS_VALUE, ERR_TEMPLATE_INVALID with all failing items
 *   together
 * @example
 * ```js
 * import { generateKeyPair, KeyRing, parseSecret, sealSecret, unsealSecret } from '@fuin/crypto-core';
 *
 * const pair = await generateKeyPair(2048);
 * const metadata = { namespace: 'shop', name: 'db' };
 * const sealed = await sealSecret(parseSecret({ metadata, stringData: { password: 'hunter2' } }), pair);
 *
 * const { secret } = await unsealSecret(sealed, KeyRing.of(pair));
 * console.log(secret.metadata.name, atob(secret.data.password)); // db hunter2
 * ```
 */
export async function unsealSecret(
  sealedSecret: SealedSecret,
  keyRing: KeyRing,
  options: UnsealOptions = {},
): Promise<Unsealed> {
  if (sealedSecret.spec.data !== undefined && options.acceptV1Data)
    return unsealV1(sealedSecret, keyRing, options);
  const { values, openedBy } = await openItems(sealedSecret, keyRing, hintsOf(options));
  return { openedBy, secret: await assembleSecret(sealedSecret, values, options.renderTemplates) };
}

function hintsOf({ hints = [] }: UnsealOptions): OpenOptions {
  return { hints };
}

/** Legacy: one envelope holds the whole Secret as JSON. */
async function unsealV1(
  sealedSecret: SealedSecret,
  keyRing: KeyRing,
  options: UnsealOptions,
): Promise<Unsealed> {
  const { spec } = sealedSecret;
  if (Object.keys(spec.encryptedData).length > 0) throw legacyDataError(spec.encryptedData);
  const whole = { ...sealedSecret, spec: { encryptedData: { data: spec.data ?? '' } } };
  const { values, openedBy } = await openItems(whole, keyRing, hintsOf(options));
  const secret = parseV1(values.get('data') ?? new Uint8Array());
  return { secret: { ...secret, metadata: ownName(secret.metadata, sealedSecret) }, openedBy };
}

function parseV1(bytes: Bytes): Secret {
  try {
    const { stringData = {}, ...secret } = parseSecret(JSON.parse(decodeUtf8(bytes)));
    const values = [...plaintextOf({ ...secret, stringData })];
    return {
      ...secret,
      data: Object.fromEntries(values.map(([item, value]) => [item, encodeBase64(value)])),
    };
  } catch {
    // without the parser's message, which would quote plaintext
    throw manifestError("the deprecated field 'data' does not hold a Secret");
  }
}

function manifestError(message: string): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', message);
}
