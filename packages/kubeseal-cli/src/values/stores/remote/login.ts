import { SealedSecretsError } from '@fuin/crypto-core';

const TIMEOUT_MS = 30_000;

/**
 * A token by the same login as for key services: workload identity, the key of a service account.
 *
 * @param store that it is for, in messages
 * @throws ERR_API_UNAVAILABLE, ERR_API_REJECTED, ERR_USAGE
 */
export async function tokenOfLogin(
  store: string,
  get: (signal: AbortSignal) => Promise<string>,
): Promise<string> {
  try {
    return await get(AbortSignal.timeout(TIMEOUT_MS));
  } catch (error) {
    if (!(error instanceof SealedSecretsError) || error.code === 'ERR_USAGE') throw error;
    const isLater = error.code === 'ERR_KEY_SERVICE_UNAVAILABLE';
    const reason = error.message.replace(/^key service /, '');
    throw new SealedSecretsError(
      isLater ? 'ERR_API_UNAVAILABLE' : 'ERR_API_REJECTED',
      `there is no token for ${store}: ${reason}`,
      error.hint === undefined ? {} : { hint: error.hint },
    );
  }
}
