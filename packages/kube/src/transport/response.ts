import type { SealedSecretsError } from '@fuin/crypto-core';
import type { Dispatcher } from 'undici';
import { recordOf } from '../record.ts';
import { ApiFailure, apiError, TERMINATING } from './api-failure.ts';
import { secretRefusal } from './secret-refusal.ts';

/** Enough for any Status object; the rest of a longer answer is not read. */
const MAX_STATUS_BYTES = 64 * 1024;

/** Reasons of meta/v1. */
const REASONS: ReadonlySet<string> = new Set([
  'Unauthorized',
  'Forbidden',
  'NotFound',
  'AlreadyExists',
  'Conflict',
  'Gone',
  'Invalid',
  'ServerTimeout',
  'StoreReadError',
  'Timeout',
  'TooManyRequests',
  'BadRequest',
  'MethodNotAllowed',
  'NotAcceptable',
  'RequestEntityTooLarge',
  'UnsupportedMediaType',
  'InternalError',
  'Expired',
  'ServiceUnavailable',
]);

/** What the storage behind an API server says, which the API server passes on as a fault of its own (500). */
const TOO_LARGE = /^(?:etcdserver: request is too large|rpc error: .* message larger than max)/;

/** What a refusal is about, for a message when the server gives none. */
interface Refused {
  readonly method: string;
  readonly path: string;
  /** Then nothing that may quote a value is repeated. */
  readonly isSecret?: boolean;
}

/**
 * Reads a body as JSON.
 * @throws ERR_API_REJECTED (reason ResponseTooLarge), ERR_API_UNAVAILABLE when it is no JSON
 */
export async function readJson(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<unknown> {
  const bytes = await readBytes(body, maxBytes);
  if (!bytes) {
    throw apiError(`the answer is larger than ${maxBytes} bytes`, new ApiFailure(200, 'ResponseTooLarge'));
  }
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw apiError('the answer of the API server is not JSON', new ApiFailure(0, 'NotJSON'));
  }
}

/**
 * Makes the error for an answer other than 2xx out of its Status object and its Retry-After header (seconds).
 */
export async function refusalOf(
  response: Dispatcher.ResponseData,
  refused: Refused,
): Promise<SealedSecretsError> {
  const body = await readJson(response.body, MAX_STATUS_BYTES).catch(() => undefined);
  const header = response.headers['retry-after'];
  const seconds = typeof header === 'string' ? Number(header) : Number.NaN;
  return statusError(body, { ...refused, status: response.statusCode, retryAfterSeconds: seconds });
}

/** Makes the error for a Status object, as it comes in a refusal or in an ERROR event of a watch. */
export function statusError(
  body: unknown,
  context: Refused & { readonly status: number; readonly retryAfterSeconds?: number },
): SealedSecretsError {
  const status = recordOf(body);
  const detail = recordOf(status['details'])['retryAfterSeconds'];
  const seconds = Number.isFinite(context.retryAfterSeconds) ? context.retryAfterSeconds : detail;
  const retryAfterMs = typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : undefined;
  const said = typeof status['message'] === 'string' ? status['message'] : '';
  const isStorable = !TOO_LARGE.test(said);
  const given = typeof status['code'] === 'number' ? status['code'] : context.status;
  const code = isStorable ? given : 413;
  const reason = isStorable ? reasonOf(status) : 'RequestEntityTooLarge';
  const message = said || `${context.method} ${context.path.replace(/\?.*/, '')}: HTTP status ${code}`;
  const causes = causesOf(status);
  const isQuoting = context.isSecret && said !== '';
  const told = isQuoting ? secretRefusal({ status: code, reason, message, causes }) : withoutSealed(message);
  return apiError(
    told,
    new ApiFailure(code, isTerminating(said, causes) ? TERMINATING : reason, retryAfterMs),
  );
}

/** Takes sealed values out of what is said of a SealedSecret; names of objects have no capitals. */
function withoutSealed(message: string): string {
  return message.replace(/[A-Za-z0-9+/]{64,}={0,2}/g, (run) => (/[A-Z]/.test(run) ? '[sealed value]' : run));
}

/** A reason is one word for machines; a webhook may put anything in its place. */
function reasonOf({ reason }: Readonly<Record<string, unknown>>): string {
  return typeof reason === 'string' && REASONS.has(reason) ? reason : '';
}

/**
 * The namespace is being deleted, so nothing new comes into it: the Status says Forbidden, and why among its
 * causes. A webhook may name any cause, and its refusal must not be passed over in silence, so the words
 * count too.
 */
function isTerminating(said: string, causes: readonly unknown[]): boolean {
  return (
    causes.some((cause) => recordOf(cause)['reason'] === TERMINATING) &&
    /^\S+ "[^"]*" is forbidden: unable to create new content in namespace \S+ because it is being terminated$/.test(
      said,
    )
  );
}

function causesOf({ details }: Readonly<Record<string, unknown>>): readonly unknown[] {
  const { causes } = recordOf(details);
  return Array.isArray(causes) ? causes : [];
}

async function readBytes(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) return undefined; // leaving the loop destroys the stream
  }
  const [only] = chunks;
  return chunks.length === 1 && only
    ? Buffer.from(only.buffer, only.byteOffset, only.length)
    : Buffer.concat(chunks);
}
