import { SealedSecretsError } from '@fuin/crypto-core';

/** The address of a server that tokens are sent to. */
export interface ServerAddress {
  /** Scheme, host and port, for messages. */
  readonly origin: string;
  /** What stands before every path, without a slash at the end. */
  readonly base: string;
}

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Whether the host of a URL is this machine. */
export function isLoopback({ hostname }: Pick<URL, 'hostname'>): boolean {
  return LOOPBACK.test(hostname);
}

/**
 * Checks the address of a server. Plain http is refused except on this machine: what is sent would go over
 * the network in the clear.
 *
 * @param address its URL
 * @param name what the address is, for messages, such as `VAULT_ADDR`
 * @param sent what plain http would show, such as `tokens and keys`
 * @throws ERR_USAGE
 */
export function serverAddress(address: string, name: string, sent: string): ServerAddress {
  const url = URL.parse(address);
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (!url || !isHttp || url.search !== '' || url.hash !== '')
    throw unusable(
      `${name} is not the address of a server`,
      'it must be like https://vault.example.com:8200',
    );
  if (url.username !== '' || url.password !== '') throw unusable(`${name} holds a password`);
  if (url.protocol === 'http:' && !isLoopback(url))
    throw unusable(`${name} is plain http, which shows ${sent} to the network`, 'use https');
  return { origin: url.origin, base: `${url.origin}${url.pathname.replace(/\/+$/, '')}` };
}

function unusable(message: string, hint?: string): SealedSecretsError {
  return new SealedSecretsError('ERR_USAGE', message, hint === undefined ? {} : { hint });
}
