import { SEALING_KEY_LABEL } from '@fuin/crypto-core';
import { failureOf, isFailure } from '../../input/tree/failures.ts';
import type { CommandWorld } from '../../invocation/command.ts';
import { usageError } from '../../invocation/usage-error.ts';
import type { Fields } from '../../io/fields.ts';
import { isWrapped } from '../../keys/key-secret.ts';
import type { KeyStore } from '../../keys/key-store.ts';

/** A key Secret as the cluster has it, and with its private key in the clear. */
export interface ReadableSecret {
  readonly stored: Fields;
  readonly plain: Fields;
}

/**
 * All key Secrets of the cluster, each with its private key in the clear: those that a key service wraps are
 * unwrapped. One that cannot be unwrapped stays as it is, and a warning says why.
 *
 * @param wrappers names of key services; without any, no code of them is loaded
 * @throws ERR_USAGE where keys are wrapped and no key service is named
 */
export async function plainKeySecrets(
  store: KeyStore,
  wrappers: string,
  { io, warn }: Pick<CommandWorld, 'io' | 'warn'>,
): Promise<ReadableSecret[]> {
  const secrets = (await store.listSecrets())
    .filter((secret) => !isWrapped(secret))
    .map((secret): ReadableSecret => ({ stored: secret, plain: secret }));
  const wrapped = (await store.listLabelled(SEALING_KEY_LABEL)).filter(isWrapped);
  if (wrapped.length === 0) return secrets;
  if (wrappers === '')
    throw usageError(
      'some keys are wrapped by a key service, and the backup would lack them',
      'give --key-wrapper as the controller has it',
    );
  const [{ openWrappers }, { proveKey, toPlain }] = await Promise.all([
    import('./wrap.ts'),
    import('../../keys/key-forms.ts'),
  ]);
  const opened = await openWrappers(wrappers, { io });
  try {
    for (const secret of wrapped) {
      const plain = await failureOf('', async () => toPlain(secret, await proveKey(secret, opened)));
      if (isFailure(plain)) warn(`warning: ${plain.error.message}`);
      secrets.push({ stored: secret, plain: isFailure(plain) ? secret : plain });
    }
    return secrets;
  } finally {
    await Promise.all(opened.map((each) => each.close()));
  }
}
