import { generateKeyPair, KEY_LABEL } from '@fuin/crypto-core';
import { createCertificate } from '@fuin/crypto-core/x509';
import { type ApiClient, SECRETS } from '@fuin/kube/client';
import type { KeyConfig } from '../config/config.ts';
import type { Logger } from '../log.ts';
import { toKeySecret } from './key-secret.ts';
import type { KeyRegistry } from './registry.ts';

/** What making a key needs. */
export interface GenerationDeps {
  readonly api: Pick<ApiClient, 'list' | 'create'>;
  readonly registry: KeyRegistry;
  readonly config: KeyConfig;
  readonly namespace: string;
  readonly log: Logger;
  readonly now: () => Date;
}

/** Selects the key Secrets that count. */
export const KEY_SELECTOR = `${KEY_LABEL}=active`;

/**
 * Makes a key, unless `isStillDue` says no once the key Secrets on the server have been read again: somebody else may
 * have made one meanwhile. The making takes seconds, so the second look comes after it and right before the create. One
 * write makes the key exist; a crash before it leaves nothing behind.
 */
export async function generateKey(deps: GenerationDeps, isStillDue: () => boolean): Promise<void> {
  const { api, registry, config, namespace, log } = deps;
  const keyPair = await generateKeyPair(config.sizeBits);
  await readServerKeys(deps);
  if (!isStillDue()) return;
  const notBefore = deps.now();
  const notAfter = new Date(notBefore.getTime() + config.ttlMs);
  const certificatePem = await createCertificate(keyPair, {
    commonName: config.commonName,
    notBefore,
    notAfter,
  });
  const { prefix, labels, annotations } = config;
  const secret = toKeySecret({ keyPair, certificatePem, namespace, prefix, labels, annotations });
  const created = await api.create(SECRETS, secret);
  log.info('new key written', { secret: created.metadata.name, namespace, fingerprint: keyPair.fingerprint });
  await registry.upsert(created);
}

/** Brings the registry up to what the server holds now, whatever the informer's cache says. */
async function readServerKeys({ api, registry, namespace }: GenerationDeps): Promise<void> {
  const { items } = await api.list(SECRETS, { namespace, labelSelector: KEY_SELECTOR });
  for (const secret of items) void registry.upsert(secret);
  await registry.settle();
}
