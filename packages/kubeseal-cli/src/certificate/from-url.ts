import { fileURLToPath } from 'node:url';
import { SealedSecretsError } from '@fuin/crypto-core';
import { CA_AND_INSECURE, type TlsMaterial } from '@fuin/kube/access';
import { isLoopback } from '@fuin/kube/server-address';
import { usageError } from '../invocation/usage-error.ts';
import { readInput } from '../io/files.ts';
import { Transport } from '../io/http.ts';
import type { Io } from '../io/io.ts';

const TIMEOUT_MS = 30_000;
const MAX_REDIRECTS = 5;

/** What a server of a certificate is held to. */
export interface UrlTrust {
  /** Fingerprint of the only key that is accepted; empty accepts every key. */
  readonly pin: string;
  /** Whether plain http is good enough without a pin. */
  readonly acceptsHttp: boolean;
  /** File with the authorities that sign the server's certificate; empty means the system's. */
  readonly authority: string;
  /** Whether the server's certificate goes unchecked. */
  readonly isInsecure: boolean;
}

/**
 * Fetches a certificate from an https, http or file URL. Plain http is refused unless it is accepted, a key
 * is pinned or the host is this machine: anyone who can answer in the server's place could read everything
 * that is sealed.
 *
 * @throws ERR_USAGE, ERR_API_UNAVAILABLE
 */
export async function fetchFromUrl(
  { source: url, ...trust }: UrlTrust & { readonly source: string },
  { env, cwd }: Pick<Io, 'env' | 'cwd'>,
): Promise<Uint8Array> {
  const target = parseUrl(url);
  if (target.protocol === 'file:') return readInput('/', pathOf(target, url), 'cert');
  const transport = new Transport({ tls: await tlsOf(trust, cwd), env, timeoutMs: TIMEOUT_MS });
  try {
    return await follow(target, withoutPassword(url), {
      transport,
      acceptsHttp: trust.acceptsHttp || trust.pin !== '',
    });
  } finally {
    await transport.close();
  }
}

/** @throws ERR_USAGE for an invalid escape, an escaped slash or another host */
function pathOf(target: URL, given: string): string {
  try {
    return fileURLToPath(target);
  } catch {
    throw usageError(
      `cannot fetch "${given}": it does not name a file on this machine`,
      'in a URL, write % as %25, or give only the name of the file',
    );
  }
}

/**
 * --certificate-authority and --insecure-skip-tls-verify hold for this server too.
 *
 * @throws ERR_USAGE for both, in client-go's words
 */
async function tlsOf(
  { authority, isInsecure }: Omit<UrlTrust, 'pin' | 'acceptsHttp'>,
  cwd: string,
): Promise<TlsMaterial> {
  if (authority && isInsecure) throw usageError(CA_AND_INSECURE);
  if (!authority) return { rejectUnauthorized: !isInsecure };
  const ca = Buffer.from(await readInput(cwd, authority, 'certificate-authority'));
  return { ca, rejectUnauthorized: true };
}

/** What following a URL needs. */
export interface Following {
  readonly transport: Pick<Transport, 'send'>;
  readonly acceptsHttp: boolean;
}

/**
 * Fetches an http or https URL and follows redirects, to which the same rules apply.
 *
 * @throws ERR_USAGE, ERR_API_UNAVAILABLE
 */
export async function follow(
  first: URL,
  given: string,
  { transport, acceptsHttp }: Following,
): Promise<Uint8Array> {
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

function parseUrl(url: string): URL {
  const target = URL.parse(url);
  if (target && ['https:', 'http:', 'file:'].includes(target.protocol)) return target;
  throw usageError(
    `cannot fetch "${withoutPassword(url)}": unsupported protocol scheme`,
    'give a file name or an https, http or file URL',
  );
}

/** A URL for messages, which end in the logs of CI. */
function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/?#]*@/, '//');
}

/** A remote server must not redirect to this machine, where another user's program may listen. */
function refuseOpenHttp({ protocol, hostname }: URL, isFirstHere: boolean): void {
  if (protocol === 'https:' || (isFirstHere && isLoopback({ hostname }))) return;
  throw usageError(
    `cannot fetch the certificate over plain http from ${hostname}: anyone on the network path could replace it`,
    'use https, pin the key with --cert-fingerprint, or accept the risk with --allow-http-cert',
  );
}
