import { SealedSecretsError } from '@fuin/crypto-core';
import { isLoopback } from '@fuin/kube/server-address';
import { usageError } from '../../invocation/usage-error.ts';
import type { HttpAnswer } from '../../io/http.ts';

const MAX_REDIRECTS = 5;

/** What following a URL needs. */
export interface Following {
  readonly transport: { send(url: string): Promise<HttpAnswer> };
  readonly acceptsHttp: boolean;
}

/**
 * Fetches an http or https URL and follows redirects, to which the same rules apply.
 *
 * @param url as it was given, for messages
 * @throws ERR_USAGE, ERR_API_UNAVAILABLE
 */
export async function follow(
  first: URL,
  url: string,
  { transport, acceptsHttp }: Following,
): Promise<Uint8Array> {
  const given = withoutPassword(url);
  let target = first;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    if (!acceptsHttp) refuseOpenHttp(target, isLoopback(first));
    const { status, statusText, headers, body } = await transport.send(target.href).catch(explainUnreachable);
    const location = headers['location'];
    if (status >= 300 && status < 400 && typeof location === 'string') {
      target = redirected(location, target, given);
      continue;
    }
    if (status === 200) return body;
    throw new SealedSecretsError(
      'ERR_API_UNAVAILABLE',
      `cannot fetch "${given}": ${status} ${statusText}`.trimEnd(),
    );
  }
  throw new SealedSecretsError(
    'ERR_API_UNAVAILABLE',
    `cannot fetch "${given}": stopped after ${MAX_REDIRECTS} redirects`,
  );
}

/** A URL for messages, which end in the logs of CI. */
export function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/?#]*@/, '//');
}

function explainUnreachable(error: unknown): never {
  if (!(error instanceof SealedSecretsError)) throw error;
  throw error.withHint(
    error.hint ?? 'check the URL of --cert, or save the certificate and give the file: --cert FILE',
  );
}

function redirected(location: string, from: URL, given: string): URL {
  const target = URL.parse(location, from);
  if (target && ['https:', 'http:'].includes(target.protocol)) return target;
  throw new SealedSecretsError(
    'ERR_API_UNAVAILABLE',
    `cannot fetch "${given}": it redirects to something other than an http or https URL`,
  );
}

/** A remote server must not redirect to this machine, where another user's program may listen. */
function refuseOpenHttp({ protocol, hostname }: URL, isFirstHere: boolean): void {
  if (protocol === 'https:' || (isFirstHere && isLoopback({ hostname }))) return;
  throw usageError(
    `cannot fetch the certificate over plain http from ${hostname}: anyone on the network path could replace it`,
    'use https, pin the key with --cert-fingerprint, or accept the risk with --allow-http-cert',
  );
}
