import { SealedSecretsError } from '@fuin/crypto-core';
import type { Address } from '../config/flag-values.ts';

/** What can listen, such as a server of Fastify. */
interface Listener {
  listen(at: { readonly port: number; readonly host: string }): Promise<unknown>;
}

/**
 * Makes a server listen; without a host on every interface, with IPv6 if available. @throws ERR_USAGE if it
 * cannot
 */
export async function listen(app: Listener, { host, port }: Address): Promise<void> {
  try {
    await app.listen({ port, host: host ?? '::' });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (host === undefined && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL')) {
      return listen(app, { host: '0.0.0.0', port });
    }
    throw new SealedSecretsError(
      'ERR_USAGE',
      `cannot listen on ${host ?? ''}:${port}: ${code ?? 'unknown error'}`,
      { cause },
    );
  }
}
