import { type ObjectMeta, type Scope, type SealedSecret, type Secret, sealSecret } from '@fuin/crypto-core';
import { parseCertificate } from '@fuin/crypto-core/x509';
import type { ApiObject } from '../api/types.ts';

/** Seals a Secret for the key of a certificate, ready to be changed and applied. */
export async function seal(certificatePem: string, secret: Secret, scope?: Scope): Promise<ApiObject> {
  const { recipient } = await parseCertificate(certificatePem);
  return asObject(await sealSecret(secret, recipient, scope));
}

/** A SealedSecret as the object that an API server is sent; it may be changed. */
export function asObject(sealed: SealedSecret): ApiObject {
  return JSON.parse(JSON.stringify(sealed));
}

/** Seals texts. */
export function sealTexts(
  certificatePem: string,
  metadata: ObjectMeta,
  stringData: Readonly<Record<string, string>>,
): Promise<ApiObject> {
  return seal(certificatePem, { apiVersion: 'v1', kind: 'Secret', metadata, stringData });
}
