import { type ErrorCode, SealedSecretsError } from '@fuin/crypto-core';
import { shownMessage } from '../../log.ts';
import type { UnsealErrorReason } from '../../metrics.ts';

/**
 * When to come back after a failure: when the object or its Secret changes; then or when a key is added; on our own,
 * with fast retries first; on our own, without them.
 */
export type RetryRule = 'change' | 'change-or-key' | 'back-off' | 'slow';

/** What a failure means to each of its readers. */
export interface FailureRow {
  readonly retry: RetryRule;
  /** `reason` of the conditions: a closed list. */
  readonly reason: string;
  /** Upstream's event reason. */
  readonly event: 'ErrUnsealFailed' | 'ErrUpdateFailed';
  readonly metric: UnsealErrorReason;
}

/**
 * No failure: a pass whose templates took longer than they may beside others'. It is made again in a lane of its own, and
 * told to nobody.
 */
export class GaveWay extends Error {
  override readonly name = 'GaveWay';
}

/** One row per code that a pass can end with. */
const FAILURES: Readonly<Partial<Record<ErrorCode, FailureRow>>> = {
  ERR_MANIFEST_INVALID: unsealFailure('change', 'InvalidManifest'),
  ERR_ENVELOPE_MALFORMED: unsealFailure('change', 'MalformedValue'),
  ERR_NO_KEY_OPENS_VALUE: unsealFailure('change-or-key', 'NoKeyOpensValue'),
  ERR_TEMPLATE_INVALID: unsealFailure('change', 'InvalidTemplate'),
  ERR_SECRET_TYPE_FORBIDDEN: updateFailure('change', 'TypeForbidden'),
  ERR_SECRET_NOT_OWNED: { ...updateFailure('change', 'NotOwned'), metric: 'unmanaged' },
  ERR_SECRET_IMMUTABLE: updateFailure('change', 'Immutable'),
  ERR_OBJECT_TOO_LARGE: updateFailure('change', 'TooLarge'),
  ERR_API_REJECTED: updateFailure('slow', 'RejectedByServer'), // rights and admission rules change without telling us
  ERR_API_UNAVAILABLE: updateFailure('back-off', 'ServerUnavailable'),
  ERR_CONFLICT: updateFailure('back-off', 'Conflict'),
};
const BUG: FailureRow = unsealFailure('back-off', 'InternalError');

/** The row of whatever was thrown; an unknown error is a bug and retried. */
export function failureRow(error: unknown): FailureRow {
  return (error instanceof SealedSecretsError && FAILURES[error.code]) || BUG;
}

/** Whether the worker comes back on its own after this failure. */
export function isRetried(failure: unknown): boolean {
  const { retry } = failureRow(failure);
  return retry === 'back-off' || retry === 'slow';
}

/** Whether a failure mostly passes within milliseconds, as conflicts and a server that is busy do; a bug does not. */
export function isTransient(failure: unknown): boolean {
  return failure instanceof SealedSecretsError && failureRow(failure).retry === 'back-off';
}

/** What anyone may read of a failure, in status and events alike. The text of an unknown error may quote values, so it is not among it. */
export function failureMessage(error: unknown): string {
  return error instanceof SealedSecretsError ? shownMessage(error) : 'internal error';
}

function unsealFailure(retry: RetryRule, reason: string): FailureRow {
  return { retry, reason, event: 'ErrUnsealFailed', metric: 'unseal' };
}

function updateFailure(retry: RetryRule, reason: string): FailureRow {
  return { retry, reason, event: 'ErrUpdateFailed', metric: 'update' };
}
