import { type Bytes, decodeBase64 } from '@fuin/crypto-core';
import { recordOf } from '@fuin/kube/record';
import { type Hints, refusal, unavailable } from '../faults.ts';
import type { WrapperWorld } from '../key-wrapper.ts';
import { askAs } from '../server/access-token.ts';
import { type KeyAnswer, openKeyServer } from '../server/key-server.ts';
import { crc32c } from './crc32c.ts';
import { googleToken } from './google-token.ts';

/**
 * The resource name of a key. Project by its id: Google answers with the id, and an answer for another key
 * must be noticed.
 */
const KEY =
  /^projects\/(?:[a-z0-9.-]{1,63}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]\/locations\/[a-z0-9-]{1,63}\/keyRings\/[\w-]{1,63}\/cryptoKeys\/[\w-]{1,63}$/;
const VERSION = /^(.{1,512})\/cryptoKeyVersions\/([1-9]\d{0,17})$/;
const SCOPE = 'https://www.googleapis.com/auth/cloudkms';
const ENDPOINT = 'CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS';
/** What every key of it may be refused for. */
const HINTS = {
  NOT_FOUND: 'there is no such key in this location and key ring',
  FAILED_PRECONDITION:
    'the version of the key is disabled, or destroyed, or waits for that: gcloud kms keys versions list',
  RESOURCE_EXHAUSTED: 'a quota of the project is used up',
  UNAUTHENTICATED: 'the token is not valid, or the clock of this machine is wrong',
};

type Fields = KeyAnswer['fields'];

/** Requests to Google Cloud KMS. */
export interface GoogleKms {
  readonly origin: string;
  /** The answer, refusals too. GET without fields. @throws ERR_KEY_SERVICE_UNAVAILABLE */
  ask(path: string, fields?: object): Promise<KeyAnswer>;
  /** The fields of the answer. @throws ERR_KEY_SERVICE_UNAVAILABLE, ERR_KEY_SERVICE_REJECTED */
  call(path: string, fields?: object): Promise<Fields>;
  /** The error for a refusal. */
  refused(answer: KeyAnswer): Error;
  close(): Promise<void>;
}

/**
 * Prepares requests with the credentials of the platform. Asks nobody yet.
 *
 * @param hints what to do about refusals of this use of a key
 * @throws ERR_USAGE
 */
export function openGoogleKms({ env }: WrapperWorld, hints: Hints, timeoutMs: number): GoogleKms {
  const server = openKeyServer(env[ENDPOINT] || 'https://cloudkms.googleapis.com', ENDPOINT, { env });
  const { origin } = server;
  const token = googleToken(SCOPE, { env });
  const ask = (path: string, fields?: object) =>
    askAs(token, server, `/v1/${path}`, {
      ...(fields ? { body: JSON.stringify(fields) } : { method: 'GET' }),
      signal: AbortSignal.timeout(timeoutMs),
    });
  const refused = (answer: KeyAnswer) => refusal(origin, answer, { ...HINTS, ...hints }, kindOf(answer));
  return {
    origin,
    ask,
    refused,
    call: async (path, fields) => {
      const answer = await ask(path, fields);
      if (answer.status === 200) return answer.fields;
      throw refused(answer);
    },
    close: () => server.close(),
  };
}

/** Whether a text is the resource name of a key. */
export function isKeyName(text: string): boolean {
  return KEY.test(text);
}

/** The key and the number in the resource name of a version. */
export function versionIn(name: unknown): { readonly key: string; readonly version: string } | undefined {
  const [, key = '', version = ''] = VERSION.exec(String(name ?? '')) ?? [];
  return KEY.test(key) ? { key, version } : undefined;
}

/** Google's word for the kind of a refusal, such as `NOT_FOUND`. */
export function kindOf({ fields }: Pick<KeyAnswer, 'fields'>): string {
  return String(recordOf(fields['error'])['status'] ?? '');
}

/**
 * Bytes of an answer that have their checksum beside them.
 *
 * @param what for messages
 * @throws ERR_KEY_SERVICE_UNAVAILABLE
 */
export function checkedBytes(base64: unknown, checksum: unknown, what: string, origin: string): Bytes {
  let bytes: Bytes;
  try {
    bytes = decodeBase64(String(base64 ?? ''));
  } catch {
    throw unavailable(origin, `its answer holds no ${what}`);
  }
  // 64-bit numbers are strings in Google's JSON
  if (String(checksum) !== String(crc32c(bytes))) throw damaged(origin);
  return bytes;
}

/** Google asks to discard such an answer and to ask again. */
export function damaged(origin: string): Error {
  return unavailable(origin, 'what it received or sent was damaged on the way: checksums differ');
}
