import { formatPem, parsePem, SealedSecretsError } from '@fuin/crypto-core';
import { parseCertificate } from '@fuin/crypto-core/x509';
import type { Cluster } from './order.ts';

/** How many certificates one text may have. */
const MOST = 64;
const RECIPIENT = /\bfuin1[a-z0-9]+\b/g;

/**
 * The certificates in PEM and the recipients `fuin1...` of a text, in that order, each once.
 *
 * @param name of the first; others get a number
 * @throws ERR_CERTIFICATE_INVALID for a text with none, or with one that cannot be read
 * @throws ERR_KEY_INVALID for a damaged recipient
 */
export async function readClusters(text: string, name: string): Promise<Cluster[]> {
  const blocks = parsePem(text).filter(({ label, hasHeaders }) => label === 'CERTIFICATE' && !hasHeaders);
  const words = [...new Set(text.match(RECIPIENT) ?? [])];
  if (blocks.length + words.length > MOST)
    throw new SealedSecretsError('ERR_CERTIFICATE_INVALID', `more than ${MOST} certificates at once`);
  // a text without a certificate is judged like one that has one: by the reader of certificates
  const pems =
    blocks.length + words.length === 0 ? [text] : blocks.map(({ bytes }) => formatPem('CERTIFICATE', bytes));
  const read = await Promise.all([...pems.map(ofCertificate), ...words.map(ofRecipient)]);
  const each = new Map(read.map((one) => [one.recipient.id, one]));
  return [...each.values()].map((one, at) => ({ ...one, name: at === 0 ? name : `${name} ${at + 1}` }));
}

type Unnamed = Omit<Cluster, 'name'>;

async function ofCertificate(pem: string): Promise<Unnamed> {
  const { recipient, notAfter } = await parseCertificate(pem);
  return { recipient, notAfter, source: pem };
}

async function ofRecipient(word: string): Promise<Unnamed> {
  const { importRecipient, parseRecipient } = await import('@fuin/crypto-core/v2');
  return { recipient: await importRecipient(parseRecipient(word)), source: word };
}
