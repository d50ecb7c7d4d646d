import { type ErrorCode, SealedSecretsError } from '@fuin/crypto-core';
import { shownMessage } from '../../log.ts';
import type { UnsealErrorReason } from '../../metrics.ts';

/**
 * When to retry after a failure: when the object or its Secret changes; then or when a key is added; then or
 * when other people may sign; after a delay, with fast retries first; after a delay, without fast retries.
 */
export type RetryRule = 'change' | 'change-or-key' | 'change-or-signers' | 'back-off' | 'slow';

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
 * Not a failure: templates took longer than allowed beside other namespaces. The object is reconciled again
 * in a lane of its own, and nothing is reported.
 */
export class GaveWay extends Error {
  override readonly name = 'GaveWay';
}

/** One row for each code that a reconcile can end with. */
const FAILURES: Readonly<Partial<Record<ErrorCode, FailureRow>>> = {
  ERR_MANIFEST_INVALID: unsealFailure('change', 'InvalidManifest'),
  ERR_ENVELOPE_MALFORMED: unsealFailure('change', 'MalformedValue'),
  ERR_NO_KEY_OPENS_VALUE: unsealFailure('change-or-key', 'NoKeyOpensValue'),
  ERR_FORMAT_FORBIDDEN: unsealFailure('change', 'FormatForbidden'),
  ERR_VALUE_EXPIRED: unsealFailure('change', 'ValueExpired'),
  ERR_SIGNER_REQUIRED: unsealFailure('change-or-signers', 'SignerRequired'),
  ERR_SIGNERS_UNREADABLE: unsealFailure('change-or-signers', 'SignersUnreadable'),
  ERR_TEMPLATE_INVALID: unsealFailure('change', 'InvalidTemplate'),
  ERR_SECRET_TYPE_FORBIDDEN: updateFailure('change', 'TypeForbidden'),
  ERR_SECRET_NOT_OWNED: { ...updateFailure('change', 'NotOwned'), metric: 'unmanaged' },
  ERR_SECRET_IMMUTABLE: updateFailure('change', 'Immutable'),
  ERR_OBJECT_TOO_LARGE: updateFailure('change', 'TooLarge'),
  // nothing reports a change of rights or admission rules
  ERR_API_REJECTED: updateFailure('slow', 'RejectedByServer'),
  ERR_API_UNAVAILABLE: updateFailure('back-off', 'ServerUnavailable'),
  ERR_KEY_SERVICE_UNAVAILABLE: unsealFailure('back-off', 'KeyServiceUnavailable'),
  // nothing reports a change of rights there
  ERR_KEY_SERVICE_REJECTED: unsealFailure('slow', 'RejectedByKeyService'),
  ERR_CONFLICT: updateFailure('back-off', 'Conflict'),
  ERR_AUDIT_UNAVAILABLE: updateFailure('back-off', 'AuditUnavailable'),
};
const BUG: FailureRow = unsealFailure('back-off', 'InternalError');

/** The row of anything that was thrown. An unknown error is a bug and is retried. */
export function failureRow(error: unknown): FailureRow {
  return (error instanceof SealedSecretsError && FAILURES[error.code]) || BUG;
}

/** Whether the worker retries on its own after this failure. */
export function isRetried(failure: unknown): boolean {
  const { retry } = failureRow(failure);
  return retry === 'back-off' || retry === 'slow';
}

/** Whether a failure usually passes within milliseconds, like a conflict or a busy server. A bug does not. */
export function isTransient(failure: unknown): boolean {
  return failure instanceof SealedSecretsError && failureRow(failure).retry === 'back-off';
}

/**
 * The part of a failure that anyone may read, in status and events. The text of an unknown error may quote
 * values, so it is left out.
 */
export function failureMessage(error: unknown): string {
  return error instanceof SealedSecretsError ? shownMessage(error) : 'internal error';
}

/** What there is evidence for, which the condition Ready adds; undefined where there is none. */
export function failureAdvice(error: unknown): string | undefined {
  return error instanceof SealedSecretsError && isAboutValues(error) ? error.hint : undefined;
}

/** Whether an error says that sealed values cannot be opened. */
export function isAboutValues({ code }: SealedSecretsError): boolean {
  return code === 'ERR_NO_KEY_OPENS_VALUE' || code === 'ERR_ENVELOPE_MALFORMED';
}

function unsealFailure(retry: RetryRule, reason: string): FailureRow {
  return { retry, reason, event: 'ErrUnsealFailed', metric: 'unseal' };
}

function updateFailure(retry: RetryRule, reason: string): FailureRow {
  return { retry, reason, event: 'ErrUpdateFailed', metric: 'update' };
}
