import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import { SealedSecretsError } from '@fuin/crypto-core/errors';

/** Where Go's crypto/x509 looks on Linux: the first file that can be read, and all files of all directories. */
const FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
];
/** Not decoded: a store has hundreds. What is damaged adds nothing, so one certificate a text keeps it from hiding those after it. */
const CERTIFICATE = /^-----BEGIN CERTIFICATE-----[^-]*^-----END CERTIFICATE-----$/gm;
const DIRECTORIES = ['/etc/ssl/certs', '/etc/pki/tls/certs'];

/**
 * The authorities that programs in Go trust on this machine, PEM, one certificate each: the system's store, where it is not macOS or Windows
 * SSL_CERT_FILE and SSL_CERT_DIR in its place; and what NODE_EXTRA_CA_CERTS adds. Node's own list serves only where there is no store.
 *
 * @returns undefined where Node's own list is to serve
 * @throws ERR_USAGE when the two variables lead to no certificate
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
    'SSL_CERT_FILE and SSL_CERT_DIR lead to no certificate of an authority',
  );
}

function readStore(env: Readonly<Record<string, string | undefined>>): string[] {
  const files = env['SSL_CERT_FILE'] ? [env['SSL_CERT_FILE']] : FILES;
  const directories = env['SSL_CERT_DIR'] ? env['SSL_CERT_DIR'].split(':') : DIRECTORIES;
  const first = files.map(read).find((text) => text !== undefined) ?? '';
  const texts = [first, ...directories.flatMap(filesOf).map((path) => read(path) ?? '')];
  return [...new Set(texts.flatMap((text) => text.match(CERTIFICATE) ?? []))];
}

/** The files of a directory but for links to others of it, which only name them by hash. */
function filesOf(directory: string): string[] {
  try {
    const paths = readdirSync(directory).map((name) => join(directory, name));
    return paths.filter((path) => !(lstatSync(path).isSymbolicLink() && !readlinkSync(path).includes('/')));
  } catch {
    return []; // none there
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1').replaceAll('\r', '');
  } catch {
    return undefined; // absent, or a directory
  }
}
