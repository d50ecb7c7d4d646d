import { encodeUtf8, type Recipient, type Scope, SealedSecretsError, sealItem } from '@fuin/crypto-core';
import { parseCertificate } from '@fuin/crypto-core/x509';

/** What functions of the plug-in answer with. */
export type Result<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: string };

/** The name and value of an item. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
}

/** Reads the certificate that the controller serves. */
export async function parsePublicKeyFromCert(certificate: string): Promise<Result<Recipient>> {
  return resultOf(async () => (await parseCertificate(certificate)).recipient);
}

/** Seals one value, so that the controller opens it under this name, namespace and scope. */
export async function encryptValue(
  publicKey: Recipient,
  { key, value }: KeyValue,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  scope: Scope,
): Promise<Result<string>> {
  return resultOf(() => sealItem(encodeUtf8(value), publicKey, { scope, namespace, name, item: key }));
}

/** Seals all values of a SealedSecret. */
export async function encryptKeyValues(
  publicKey: Recipient,
  keyValues: readonly KeyValue[],
  place: { readonly namespace: string; readonly name: string },
  scope: Scope,
): Promise<Result<Record<string, string>>> {
  const encryptedData = new Map<string, string>();
  for (const each of keyValues) {
    const sealed = await encryptValue(publicKey, each, place, scope);
    if (!sealed.ok) return sealed;
    encryptedData.set(each.key, sealed.value);
  }
  return { ok: true, value: Object.fromEntries(encryptedData) };
}

/** The messages of crypto-core hold no value. Any other error is a bug, and is not shown. */
async function resultOf<Value>(make: () => Promise<Value>): Promise<Result<Value>> {
  try {
    return { ok: true, value: await make() };
  } catch (error) {
    return { ok: false, error: error instanceof SealedSecretsError ? error.message : 'unexpected failure' };
  }
}
