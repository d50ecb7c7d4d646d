import { X509Certificate } from 'node:crypto';
import { parseCertificate } from '@fuin/crypto-core/x509';
import { usageError } from '../../invocation/usage-error.ts';
import { readInput } from '../../io/files.ts';
import {
  checkRecipients,
  countRecipients,
  encryptTo,
  IDENTITY,
  identityGiven,
  isPostQuantum,
  linesOf,
} from './age.ts';
import { countCmsRecipients, encryptToCertificates } from './cms.ts';

/** Smaller keys may be broken within the time that a backup is kept. */
const LEAST_BITS = 2048;
/** As many as are read back. */
const MOST_CERTIFICATES = 32;

/** For whom a backup is encrypted, and how. */
export interface Recipients {
  readonly count: number;
  /** Fingerprints of the RSA keys that decrypt it; empty for age. */
  readonly keys: readonly string[];
  /** Whether what they get withstands quantum computers. */
  readonly isPostQuantum: boolean;
  encrypt(plaintext: Uint8Array): Promise<string>;
  /** How many recipients an encrypted text has. @throws ERR_KEY_INVALID */
  countIn(text: string): Promise<number>;
}

interface CertificateRecipient {
  readonly der: Uint8Array;
  readonly fingerprint: string;
}

/**
 * The recipients that `--to` names: recipients of age, files with one in each line, or files with an RSA
 * certificate each.
 *
 * @throws ERR_USAGE for one that cannot be encrypted to, and where kinds are mixed: no format has both
 */
export async function readRecipients(words: readonly string[], cwd: string): Promise<Recipients> {
  const age: string[] = [];
  const certificates: CertificateRecipient[] = [];
  for (const word of words) {
    if (IDENTITY.test(word)) throw identityGiven();
    if (word.startsWith('age1')) {
      age.push(word);
      continue;
    }
    const bytes = await readInput(cwd, word, 'to');
    const text = Buffer.from(bytes).toString('latin1');
    if (/^-----BEGIN [A-Z ]*PRIVATE KEY-----/m.test(text))
      throw usageError(
        `--to names a private key: ${word}`,
        'give its certificate: openssl req -x509 -key FILE',
      );
    if (text.includes('-----BEGIN CERTIFICATE-----')) certificates.push(await certificateIn(text, word));
    else age.push(...linesOf(bytes));
  }
  if (certificates.length > 0 && age.length > 0)
    throw usageError('certificates and recipients of age cannot be mixed', 'write two backups');
  if (certificates.length > 0) return certificateRecipients(certificates);
  if (age.length === 0) throw usageError('--to names no recipient');
  await checkRecipients(age);
  return {
    count: age.length,
    keys: [],
    isPostQuantum: age.every(isPostQuantum),
    encrypt: (text) => encryptTo(age, text),
    countIn: countRecipients,
  };
}

function certificateRecipients(certificates: readonly CertificateRecipient[]): Recipients {
  if (certificates.length > MOST_CERTIFICATES)
    throw usageError(`--to names ${certificates.length} certificates, and ${MOST_CERTIFICATES} are possible`);
  const ders = certificates.map(({ der }) => der);
  return {
    count: ders.length,
    keys: certificates.map(({ fingerprint }) => fingerprint),
    isPostQuantum: false,
    encrypt: async (plaintext) => encryptToCertificates(ders, plaintext),
    countIn: async (text) => countCmsRecipients(text),
  };
}

/** The first one of the file, as of a chain. @throws ERR_CERTIFICATE_INVALID, ERR_USAGE */
async function certificateIn(pem: string, file: string): Promise<CertificateRecipient> {
  const { der, recipient } = await parseCertificate(pem);
  const { modulusLength = 0 } = new X509Certificate(der).publicKey.asymmetricKeyDetails ?? {};
  if (modulusLength < LEAST_BITS)
    throw usageError(
      `the key of ${file} has ${modulusLength} bits, and a backup needs ${LEAST_BITS} at least`,
    );
  return { der, fingerprint: recipient.id };
}
