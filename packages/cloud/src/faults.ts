import { STATUS_CODES } from 'node:http';
import { SealedSecretsError } from '@fuin/crypto-core';

/** What to do about an answer, by its status or the word by which the service names the kind of refusal. */
export type Hints = Readonly<Record<string | number, string>>;

/** The service cannot be asked now; later it may answer. */
export function unavailable(who: string, reason: string, hint?: string): SealedSecretsError {
  return failure('ERR_KEY_SERVICE_UNAVAILABLE', who, reason, hint);
}

/** The service refuses. Asking again helps only after somebody has changed something there. */
export function rejected(who: string, reason: string, hint?: string): SealedSecretsError {
  return failure('ERR_KEY_SERVICE_REJECTED', who, reason, hint);
}

/** A wrapper that is named or configured in a way that cannot work. */
export function misconfigured(message: string, hint?: string): SealedSecretsError {
  return new SealedSecretsError('ERR_USAGE', message, hint === undefined ? {} : { hint });
}

/**
 * The error for an answer that is no success: its status, and a word for the kind of refusal where the
 * service has one. Nothing else of the answer is repeated, since it may quote what was sent.
 */
export function refusal(who: string, status: number, hints: Hints, kind?: string): SealedSecretsError {
  const word = kind !== undefined && /^[A-Za-z]{1,100}$/.test(kind) ? kind : undefined;
  const said = word ?? `${status} ${STATUS_CODES[status] ?? ''}`.trimEnd();
  const isTransient = status === 408 || status === 429 || status >= 500;
  const hint = (word !== undefined && Object.hasOwn(hints, word) ? hints[word] : undefined) ?? hints[status];
  return (isTransient ? unavailable : rejected)(who, `it answered ${said}`, hint);
}

function failure(
  code: 'ERR_KEY_SERVICE_UNAVAILABLE' | 'ERR_KEY_SERVICE_REJECTED',
  who: string,
  reason: string,
  hint?: string,
): SealedSecretsError {
  return new SealedSecretsError(code, `key service ${who}: ${reason}`, hint === undefined ? {} : { hint });
}
