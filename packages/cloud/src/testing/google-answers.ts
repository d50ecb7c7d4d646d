import { crc32c } from '../google/crc32c.ts';
import type { FakeAnswer } from './json-server.ts';

/** State of a version of a key, as Cloud KMS names it. */
export type VersionState = 'ENABLED' | 'DISABLED' | 'DESTROY_SCHEDULED' | 'DESTROYED';

/** An error as Google's APIs write it. */
export function error(
  code: number,
  status: string,
  headers: Readonly<Record<string, string>> = {},
): FakeAnswer {
  return { status: code, headers, fields: { error: { code, message: 'not to be shown', status } } };
}

/** What Cloud KMS says about a version in another state than ENABLED. */
export function notEnabled(state: VersionState | undefined): FakeAnswer {
  const answer = error(400, 'FAILED_PRECONDITION');
  return { ...answer, fields: { ...answer.fields, state } };
}

/** The fields of a request. */
export type Body = Readonly<Record<string, string>>;

/** The bytes of a field, if the checksum beside it is right. */
export function checkedBytes(body: Body, field: string): Buffer | undefined {
  const bytes = Buffer.from(body[field] ?? '', 'base64');
  return body[`${field}Crc32c`] === String(crc32c(bytes)) ? bytes : undefined;
}
