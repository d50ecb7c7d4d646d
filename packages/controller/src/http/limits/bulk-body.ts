import { decodeUtf8, parseSealedSecret, type SealedSecret, SealedSecretsError } from '@fuin/crypto-core';
import { MAX_VALUES } from './body.ts';
import { endOfValues } from './body-cost.ts';

/** SealedSecrets of one request. */
export const MAX_BULK_OBJECTS = 1_024;
/** Items of all of them together: about as many as the largest single object has. */
export const MAX_BULK_ITEMS = 8_192;

/**
 * The SealedSecrets of a bulk request, in order; undefined for one that is none. The body is JSON with the
 * field `items`, as in a List. It may cost as much as a body of one object.
 *
 * @throws ERR_MANIFEST_INVALID if the body is anything else
 * @throws ERR_OBJECT_TOO_LARGE for more objects or items than a request may have
 */
export function readSealedSecrets(body: unknown): (SealedSecret | undefined)[] {
  const objects = itemsOf(body);
  if (objects.length > MAX_BULK_OBJECTS) throw tooMany();
  let items = 0;
  return objects.map((object) => {
    const sealedSecret = parse(object);
    items += sealedSecret ? Object.keys(sealedSecret.spec.encryptedData).length : 0;
    if (items > MAX_BULK_ITEMS) throw tooMany();
    return sealedSecret;
  });
}

function itemsOf(body: unknown): readonly unknown[] {
  if (!(body instanceof Uint8Array)) throw invalid('no body');
  if (endOfValues(body, MAX_VALUES) !== undefined) throw invalid('the document has too many values');
  const { items } = Object(parseJson(decodeUtf8(body))) as { readonly items?: unknown };
  if (!Array.isArray(items)) throw invalid('the document has no list of items');
  return items;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('the document cannot be read'); // the parser's message quotes it
  }
}

function parse(object: unknown): SealedSecret | undefined {
  try {
    return parseSealedSecret(object);
  } catch (error) {
    if (error instanceof SealedSecretsError) return undefined;
    throw error;
  }
}

function invalid(message: string): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', message);
}

function tooMany(): SealedSecretsError {
  return new SealedSecretsError('ERR_OBJECT_TOO_LARGE', 'the document has too many objects or items');
}
