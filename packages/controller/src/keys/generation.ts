import { generateKeyPair, KEY_ANNOTATIONS, KEY_LABEL } from '@fuin/crypto-core';
import { createCertificate } from '@fuin/crypto-core/x509';
import { type ApiClient, SECRETS } from '@fuin/kube/client';
import type { KeyConfig } from '../config/config.ts';
import type { Logger } from '../log.ts';
import { toKeySecret } from './key-secret.ts';
import type { KeyRegistry } from './registry.ts';

/** What the certificate of a new key says about its controller: the files of several clusters differ. */
export interface KeySubject {
  readonly commonName: string;
  readonly organization: string;
}

/** What creating a key needs. */
export interface GenerationDeps {
  readonly api: Pick<ApiClient, 'list' | 'create'>;
  readonly registry: KeyRegistry;
  readonly config: KeyConfig;
  readonly namespace: string;
  readonly subject: KeySubject;
  readonly log: Logger;
  readonly now: () => Date;
}

/** Selects the key Secrets that count. */
export const KEY_SELECTOR = `${KEY_LABEL}=active`;

/**
 * Creates a key, unless `isStillDue` says no after the key Secrets on the server were read again: another
 * process may have created one in the meantime. Generating takes seconds, so this second look comes after it,
 * right before the create. One write creates the key; a crash before it leaves nothing behind.
 */
export async function generateKey(deps: GenerationDeps, isStillDue: () => boolean): Promise<void> {
  const { api, registry, config, namespace, subject, log } = deps;
  const keyPair = await generateKeyPair(config.sizeBits);
  await readServerKeys(deps);
  if (!isStillDue()) return;
  const notBefore = deps.now();
  const notAfter = new Date(notBefore.getTime() + config.ttlMs);
  const named = config.commonName === '' ? subject : { commonName: config.commonName };
  const certificatePem = await createCertificate(keyPair, { ...named, notBefore, notAfter });
  const { prefix, labels } = config;
  const annotations = { ...config.annotations, ...marksOf(keyPair.id, notBefore, notAfter) };
  const secret = toKeySecret({ keyPair, certificatePem, namespace, prefix, labels, annotations });
  const created = await api.create(SECRETS, secret);
  log.info('new key written', { secret: created.metadata.name, namespace, fingerprint: keyPair.id });
  await registry.upsert(created);
}

/** What a reader of the metadata can know without the private key. Certificates count whole seconds. */
function marksOf(fingerprint: string, notBefore: Date, notAfter: Date): Record<string, string> {
  const [start, end] = [notBefore, notAfter].map((date) => date.toISOString().replace(/\.\d+Z$/, 'Z'));
  return {
    [KEY_ANNOTATIONS.fingerprint]: fingerprint,
    [KEY_ANNOTATIONS.validity]: `${start}/${end}`,
  };
}

/** Updates the registry to what the server holds now, whatever the informer's cache says. */
async function readServerKeys({ api, registry, namespace }: GenerationDeps): Promise<void> {
  const { items } = await api.list(SECRETS, { namespace, labelSelector: KEY_SELECTOR });
  for (const secret of items) void registry.upsert(secret);
  await registry.settle();
}
