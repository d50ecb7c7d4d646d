/** For a certificate whose authority is not trusted here. */
export const UNKNOWN_AUTHORITY = 'its certificate is signed by an unknown authority';

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name cannot be resolved at the moment',
  EHOSTUNREACH: 'no route to host',
  ENETUNREACH: 'network is unreachable',
  UND_ERR_CONNECT_TIMEOUT: 'connection timed out',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  UND_ERR_SOCKET: 'the connection was closed',
  ERR_SOCKS: 'the SOCKS proxy did not connect to it',
};

/**
 * Why a request got no answer, in words for a person: never the error's own text, which may hold credentials
 * of a proxy URL. A code that is not known stands for itself.
 */
export function failureReason(error: unknown): string {
  const { code, cause } = error as { code?: string; cause?: { code?: string } };
  const known = REASONS[code ?? ''] ?? REASONS[cause?.code ?? ''];
  const bare = code ?? cause?.code ?? '';
  return known ?? (/^[A-Z_0-9]{1,60}$/.test(bare) ? bare : 'the request failed');
}
