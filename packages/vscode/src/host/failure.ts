import { SealedSecretsError } from '@fuin/crypto-core';

/** Words about a failure. */
export interface FailureWords {
  readonly message: string;
  readonly hint: string | undefined;
}

/**
 * What may be shown of a failure. Messages of our errors name objects and items; those of others may quote
 * what they stumbled over, so only their type is shown.
 */
export function safeWords(error: unknown): FailureWords {
  if (error instanceof SealedSecretsError) return { message: error.message, hint: error.hint };
  const type = error instanceof Error ? error.name : typeof error;
  return { message: `unexpected failure (${type})`, hint: undefined };
}
