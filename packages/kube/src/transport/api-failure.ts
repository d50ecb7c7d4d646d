import { type ErrorCode, SealedSecretsError } from '@fuin/crypto-core';

/** Nobody waits longer than this because a server, or a proxy before it, asks for it. */
export const MAX_RETRY_AFTER_MS = 300_000;

/**
 * What an API server said when it refused; `status` is 0 without an answer. The `cause` of this room's
 * errors.
 */
export class ApiFailure {
  /** HTTP status, 0 without an answer. */
  readonly status: number;
  /**
   * Machine-readable reason of the Status object (`AlreadyExists`), or of the connection (`ECONNREFUSED`).
   */
  readonly reason: string;
  /** Milliseconds the server asks to wait before the next attempt. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, reason: string, retryAfterMs?: number) {
    this.status = status;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Reason of a refusal to make anything in a namespace that is being deleted. */
export const TERMINATING = 'NamespaceTerminating';

/** Reads the failure out of an error of this room; undefined for any other error. */
export function apiFailureOf(error: unknown): ApiFailure | undefined {
  return error instanceof Error && error.cause instanceof ApiFailure ? error.cause : undefined;
}

/** True for an expired resourceVersion or continue token: only a new list helps. */
export function isExpired(error: unknown): boolean {
  const failure = apiFailureOf(error);
  return failure !== undefined && (failure.status === 410 || failure.reason === 'Expired');
}

/** Makes the error of a refusal: the code follows from the status, `message` must be safe to show. */
export function apiError(message: string, failure: ApiFailure): SealedSecretsError {
  return new SealedSecretsError(codeOf(failure), message, { cause: failure });
}

function codeOf({ status, reason }: ApiFailure): ErrorCode {
  if (reason === TERMINATING) return 'ERR_NAMESPACE_TERMINATING';
  if (status === 409) return 'ERR_CONFLICT';
  if (status === 413) return 'ERR_OBJECT_TOO_LARGE';
  const isTransient = status === 0 || status === 408 || status === 429 || status >= 500;
  return isTransient ? 'ERR_API_UNAVAILABLE' : 'ERR_API_REJECTED';
}
