import { SealedSecretsError } from '@fuin/crypto-core/errors';

/** An error of how the program was called. */
export function usageError(message: string, hint?: string): SealedSecretsError {
  return new SealedSecretsError('ERR_USAGE', message, hint === undefined ? {} : { hint });
}
