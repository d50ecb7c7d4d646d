import { STATUS_CODES } from 'node:http';
import { SealedSecretsError } from '@fuin/crypto-core';

const UNAVAILABLE = 'ERR_KEY_SERVICE_UNAVAILABLE';
const REJECTED = 'ERR_KEY_SERVICE_REJECTED';

/** What to do about an answer, by its status or the word by which the service names the kind of refusal. */
export type Hints = Readonly<Record<string | number, string>>;

/** The service cannot be asked now; later it may answer. */
export function unavailable(who: string, reason: string, hint?: string): SealedSecretsError {
  return failure(UNAVAILABLE, who, reason, { hint });
}

/** The service refuses. Asking again helps only after somebody has changed something there. */
export function rejected(who: string, reason: string, hint?: string): SealedSecretsError {
  return failure(REJECTED, who, reason, { hint });
}

/** The service answers about something else than it was asked. */
export function ofAnotherKey(who: string): SealedSecretsError {
  return rejected(who, 'it answers for another key than it was asked for');
}

/** A wrapper that is named or configured in a way that cannot work. */
export function misconfigured(message: string, hint?: string): SealedSecretsError {
  return new SealedSecretsError('ERR_USAGE', message, hint === undefined ? {} : { hint });
}

/** An answer that is no success. */
export interface Refused {
  readonly status: number;
  /** How long the service asks to wait. */
  readonly retryAfterMs?: number | undefined;
}

/**
 * The error for an answer that is no success: its status, and a word for the kind of refusal where the
 * service has one. Nothing else of the answer is repeated, since it may quote what was sent.
 */
export function refusal(
  who: string,
  { status, retryAfterMs }: Refused,
  hints: Hints,
  kind?: string,
): SealedSecretsError {
  const word = kind !== undefined && /^[A-Za-z_]{1,100}$/.test(kind) ? kind : undefined;
  const said = word ?? `${status} ${STATUS_CODES[status] ?? ''}`.trimEnd();
  const isTransient = status === 408 || status === 429 || status >= 500;
  const hint = (word !== undefined && Object.hasOwn(hints, word) ? hints[word] : undefined) ?? hints[status];
  const pause = retryAfterMs === undefined ? undefined : new AskedPause(retryAfterMs);
  return failure(isTransient ? UNAVAILABLE : REJECTED, who, `it answered ${said}`, { hint, cause: pause });
}

/** Nobody waits longer than this because a service asks for it. */
const LONGEST_ASKED_MS = 300_000;

/**
 * How long to wait after a failure until a service is asked again: `ownMs`, by the caller's own backoff, or
 * longer where the service asks for it.
 */
export function pauseMsAfter(error: unknown, ownMs: number): number {
  const asked = error instanceof Error && error.cause instanceof AskedPause ? error.cause.pauseMs : 0;
  return Math.max(ownMs, Math.min(LONGEST_ASKED_MS, asked));
}

/** The cause of an error that says when to ask again. */
class AskedPause {
  readonly pauseMs: number;

  constructor(pauseMs: number) {
    this.pauseMs = pauseMs;
  }
}

/** The cause of an error where the data key that a service gave does not open what it should. */
export class WrongDataKey {}

/**
 * Whether a key was not unwrapped because its data key does not open it. Nobody can tell then whether the
 * Secret is damaged or the service gave another data key, so that a later answer may open it.
 */
export function isWrongDataKey(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof WrongDataKey;
}

function failure(
  code: typeof UNAVAILABLE | typeof REJECTED,
  who: string,
  reason: string,
  { hint, cause }: { readonly hint?: string | undefined; readonly cause?: unknown },
): SealedSecretsError {
  const details = { ...(hint === undefined ? {} : { hint }), ...(cause === undefined ? {} : { cause }) };
  return new SealedSecretsError(code, `key service ${who}: ${reason}`, details);
}
