import { type Recipient, SealedSecretsError } from '@fuin/crypto-core';
import { parseCertificate } from '@fuin/crypto-core/x509';
import { clusterAccess, type Invocation } from '../invocation/invocation.ts';
import { openCache } from './cache.ts';

/** Says with which certificate values are sealed: a wrong context, or a file of another cluster, shows nowhere else before the cluster refuses them. */
export async function noteCertificate(recipient: Recipient, invocation: Invocation): Promise<void> {
  if (!invocation.warns) return;
  const { cert } = invocation.flags;
  const { id: fingerprint } = recipient;
  const source = cert
    ? `${cert}${await differenceFromContext(fingerprint, invocation)}`
    : `the controller of ${await contextOf(invocation)}`;
  invocation.warn(`note: sealed with the certificate ${fingerprint} of ${source}`);
}

/** That the context's controller had another certificate when it was asked last; nothing where nobody knows. */
async function differenceFromContext(fingerprint: string, invocation: Invocation): Promise<string> {
  try {
    const cached = await (await openCache(invocation)).read();
    if (!cached) return '';
    const { recipient } = await parseCertificate(Buffer.from(cached.pem).toString('latin1'));
    if (recipient.id === fingerprint) return '';
    const day = cached.fetchedAt.toISOString().slice(0, 10);
    return `; the controller of ${await contextOf(invocation)} had another one on ${day}`;
  } catch (error) {
    if (error instanceof SealedSecretsError) return ''; // no kubeconfig, or a cached certificate that cannot be read
    throw error;
  }
}

async function contextOf(invocation: Invocation): Promise<string> {
  const { contextName, cluster } = await clusterAccess(invocation);
  return contextName === '' ? String(cluster['server']) : `context "${contextName}"`;
}
