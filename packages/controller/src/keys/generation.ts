import { generateKeyPair, type KeyValidity, keyMarksOf, type ValueFormat } from '@fuin/crypto-core';
import { createCertificate } from '@fuin/crypto-core/x509';
import { type ApiClient, SECRETS } from '@fuin/kube/client';
import type { AuditTrail } from '../audit/trail.ts';
import type { KeyConfig } from '../config/config.ts';
import type { Logger } from '../log.ts';
import { type DrawnKey, toKeySecret } from './key-secret.ts';
import { type KeySource, LABEL_OF } from './kinds.ts';
import type { KeyRegistry } from './registry.ts';
import type { SplitKeys } from './split/split-key.ts';
import type { SecretConfig } from './x-wing-secret.ts';

/** What the certificate of a new key says about its controller: the files of several clusters differ. */
export interface KeySubject {
  readonly commonName: string;
  readonly organization: string;
}

/** What makes the keys of one format. */
export interface KeyMaker {
  readonly format: ValueFormat;
  /** Where their Secrets are found. */
  readonly source: KeySource;
  /**
   * Names the only key that it can make, where it is one, as `heldAs` of that key does: no key is due while
   * there is that one, however old it is.
   */
  readonly only?: string | undefined;
  /** May take seconds. */
  draw(): Promise<DrawnKey>;
}

/** What creating a key needs. */
export interface GenerationDeps {
  readonly api: Pick<ApiClient, 'list' | 'create'>;
  readonly registry: KeyRegistry;
  readonly maker: KeyMaker;
  readonly config: Pick<KeyConfig, 'ttlMs'>;
  readonly namespace: string;
  readonly log: Logger;
  readonly audit?: AuditTrail | undefined;
  readonly now: () => Date;
}

/** Selects the key Secrets of a source that count. */
export function selectorOf(source: KeySource): string {
  return `${LABEL_OF[source]}=active`;
}

/** Makes RSA keys, with a certificate. */
export function rsaMaker(config: KeyConfig, namespace: string, subject: KeySubject): KeyMaker {
  const { prefix, labels, sizeBits, commonName } = config;
  return {
    format: 'v1',
    source: 'labelled',
    draw: async () => {
      const keyPair = await generateKeyPair(sizeBits);
      const toSecret = async (validity: KeyValidity) => {
        const named = commonName === '' ? subject : { commonName };
        const certificatePem = await createCertificate(keyPair, { ...named, ...validity });
        const annotations = { ...config.annotations, ...keyMarksOf(keyPair.id, validity) };
        return toKeySecret({ keyPair, certificatePem, namespace, prefix, labels, annotations });
      };
      return { id: keyPair.id, toSecret };
    },
  };
}

/** Makes keys of format v2. Their code is loaded with the first one. */
export function xWingMaker(config: SecretConfig, namespace: string): KeyMaker {
  return {
    format: 'v2',
    source: 'own-kind',
    draw: async () => (await import('./x-wing-secret.ts')).drawXWingKey(config, namespace),
  };
}

/** Makes keys of format v2 of which a key service holds a part, or all. Where it fails, no key is made. */
export function splitMaker(
  config: SecretConfig,
  namespace: string,
  splitKeys: Pick<SplitKeys, 'draw' | 'only'>,
): KeyMaker {
  return {
    format: 'v2',
    source: 'own-kind',
    only: splitKeys.only,
    draw: async () => {
      const drawn = await splitKeys.draw();
      return (await import('./x-wing-secret.ts')).drawnKey(drawn, config, namespace);
    },
  };
}

/**
 * Creates a key, unless `isStillDue` says no after the key Secrets on the server were read again: another
 * process may have created one in the meantime. Generating takes seconds, so this second look comes after it,
 * right before the create. One write creates the key; a crash before it leaves nothing behind.
 */
export async function generateKey(deps: GenerationDeps, isStillDue: () => boolean): Promise<void> {
  const { api, registry, maker, config, namespace, log, audit } = deps;
  const drawn = await maker.draw();
  await readServerKeys(deps);
  if (!isStillDue()) return;
  const notBefore = deps.now();
  const notAfter = new Date(notBefore.getTime() + config.ttlMs);
  const secret = await drawn.toSecret({ notBefore, notAfter });
  await audit?.announce({
    kind: 'write.planned',
    about: { kind: 'Secret', object: secret },
    action: 'create',
  });
  const created = await api.create(SECRETS, secret);
  audit?.record({ kind: 'key.created', about: { kind: 'Secret', object: created }, key: drawn.id });
  log.info('new key written', { secret: created.metadata.name, namespace, fingerprint: drawn.id });
  await registry.upsert(created, maker.source);
}

/** Updates the registry to what the server holds now, whatever the informer's cache says. */
async function readServerKeys({ api, registry, maker, namespace }: GenerationDeps): Promise<void> {
  const labelSelector = selectorOf(maker.source);
  const { items } = await api.list(SECRETS, { namespace, labelSelector });
  for (const secret of items) void registry.upsert(secret, maker.source);
  await registry.settle();
}
