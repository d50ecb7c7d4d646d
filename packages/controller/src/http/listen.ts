import { SealedSecretsError } from '@fuin/crypto-core';
import type { FastifyInstance } from 'fastify';
import type { Address } from '../config/flag-values.ts';

/**
 * Makes a server listen; without a host on every interface, with IPv6 if available. @throws ERR_USAGE if it
 * cannot
 */
export async function listen(app: FastifyInstance, { host, port }: Address): Promise<void> {
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
