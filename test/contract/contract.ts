import type { ApiAnswer } from '../support/api/api-client.ts';
import type { ApiObject } from '../support/api/types.ts';

interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

/** What clients read of a failure. */
export function failureOf({ code, body }: ApiAnswer): Record<string, unknown> {
  const { status, reason, message, details, code: bodyCode, kind } = body;
  return { httpCode: code, kind, status, reason, message, details, code: bodyCode };
}

/** A ConfigMap with data. */
export function configMap(
  name: string,
  data: Record<string, string> = {},
  metadata: Record<string, unknown> = {},
): unknown {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

/** A Secret with plain text values. */
export function secret(
  name: string,
  stringData: Record<string, string> = {},
  rest: Record<string, unknown> = {},
): unknown {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData, ...rest };
}

/** Base64 of a text. */
export function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/**
 * A reference to an owner that exists. The garbage collector deletes an object without its owners within
 * milliseconds.
 */
export function ownerOf({ metadata: { name = '', uid = '' } }: ApiObject, otherUid = uid): OwnerReference {
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid: otherUid };
}
