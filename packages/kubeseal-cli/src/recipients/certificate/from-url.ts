import { fileURLToPath } from 'node:url';
import { CA_AND_INSECURE, type TlsMaterial } from '@fuin/kube/access';
import { usageError } from '../../invocation/usage-error.ts';
import { readInput } from '../../io/files.ts';
import { Transport } from '../../io/http.ts';
import type { Io } from '../../io/io.ts';
import { follow, withoutPassword } from './follow.ts';

const TIMEOUT_MS = 30_000;

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
    return await follow(target, url, {
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

function parseUrl(url: string): URL {
  const target = URL.parse(url);
  if (target && ['https:', 'http:', 'file:'].includes(target.protocol)) return target;
  throw usageError(
    `cannot fetch "${withoutPassword(url)}": unsupported protocol scheme`,
    'give a file name or an https, http or file URL',
  );
}
