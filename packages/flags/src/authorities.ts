import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import { SealedSecretsError } from '@fuin/crypto-core/errors';

/** Where Go's crypto/x509 looks on Linux: in the first readable file, and in all files of all directories. */
const FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
/**
 * Certificates are not decoded, because a store has hundreds. Each one becomes a string of its own, so that a
 * damaged one does not hide those after it.
 */
const CERTIFICATE = /^-----BEGIN CERTIFICATE-----[^-]*^-----END CERTIFICATE-----$/gm;
const DIRECTORIES = ['/etc/ssl/certs', '/etc/pki/tls/certs'];

/**
 * The authorities that Go programs trust on this machine: the system's store, or instead of it SSL_CERT_FILE
 * and SSL_CERT_DIR (not on macOS and Windows), and in addition NODE_EXTRA_CA_CERTS.
 *
 * @returns one PEM certificate per string; undefined if there is no store, so that Node's own list must serve
 * @throws ERR_USAGE if the two variables are set and there is no certificate where they point
 */
export function systemAuthorities(
  env: Readonly<Record<string, string | undefined>>,
  platform: NodeJS.Platform = process.platform,
): string[] | undefined {
  const hasOwnStore = platform === 'darwin' || platform === 'win32';
  const found = hasOwnStore ? getCACertificates('system') : readStore(env);
  if (found.length > 0)
    return [...new Set([...found, ...getCACertificates('extra').map((pem) => pem.trim())])];
  if (hasOwnStore || !(env['SSL_CERT_FILE'] || env['SSL_CERT_DIR'])) return undefined;
  throw new SealedSecretsError(
    'ERR_USAGE',
    'there is no CA certificate where SSL_CERT_FILE and SSL_CERT_DIR point',
  );
}

function readStore(env: Readonly<Record<string, string | undefined>>): string[] {
  const files = env['SSL_CERT_FILE'] ? [env['SSL_CERT_FILE']] : FILES;
  const directories = env['SSL_CERT_DIR'] ? env['SSL_CERT_DIR'].split(':') : DIRECTORIES;
  const first = files.map(read).find((text) => text !== undefined) ?? '';
  const texts = [first, ...directories.flatMap(filesOf).map((path) => read(path) ?? '')];
  return [...new Set(texts.flatMap((text) => text.match(CERTIFICATE) ?? []))];
}

/** The files of a directory, without links inside the directory: these only name its files by hash. */
function filesOf(directory: string): string[] {
  try {
    const paths = readdirSync(directory).map((name) => join(directory, name));
    return paths.filter((path) => !(lstatSync(path).isSymbolicLink() && !readlinkSync(path).includes('/')));
  } catch {
    return []; // there is no such directory
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1').replaceAll('\r', '');
  } catch {
    return undefined; // there is no such file, or it is a directory
  }
}
