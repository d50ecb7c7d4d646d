import { SealedSecretsError } from '@fuin/crypto-core';
import type { KubeObject } from '@fuin/kube/client';
import type { EventRecorder } from '@fuin/kube/events';
import type { AuditTrail } from '../../audit/trail.ts';
import type { Logger } from '../../log.ts';
import type { Metrics } from '../../metrics.ts';

/** Where changes of the keys are reported. */
export interface KeyReportsDeps {
  readonly events: EventRecorder;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'keyErrors'>;
  readonly audit?: AuditTrail | undefined;
  /**
   * Whether a key Secret of this name is marked as retired now. A watch over active keys does not say why one
   * is active no more.
   */
  readonly isRetired?: (name: string) => Promise<boolean>;
}

/** A key that opens nothing any more. */
interface RemovedKey {
  /** Of its Secret. */
  readonly name: string;
  readonly keyPair: { readonly id: string };
}

/** A key was read and can open values. */
export function reportLoaded({ log, audit }: KeyReportsDeps, secret: KubeObject, fingerprint: string): void {
  log.info('registered private key', { secret: secret.metadata.name, fingerprint });
  audit?.record({ kind: 'key.loaded', about: { kind: 'Secret', object: secret }, key: fingerprint });
}

/** A key Secret is not used. */
export function reportRefused(
  { events, log, metrics, audit }: KeyReportsDeps,
  secret: KubeObject,
  error: unknown,
): void {
  const isKnown = error instanceof SealedSecretsError;
  const message = isKnown ? error.message : 'the key Secret cannot be read';
  metrics.keyErrors.inc();
  log.error('error reading key, skipping it', { secret: secret.metadata.name, error: message });
  const about = { kind: 'Secret', object: secret } as const;
  audit?.record({ kind: 'key.refused', about, reason: isKnown ? error.code : 'InternalError' });
  events.record(
    { apiVersion: 'v1', kind: 'Secret', metadata: secret.metadata },
    'Warning',
    'ErrKeyInvalid',
    message,
  );
}

/** A key is no longer in its Secret, or its Secret no longer in service. Never rejects. */
export async function reportRemoved(
  { log, audit, isRetired }: KeyReportsDeps,
  key: RemovedKey,
): Promise<void> {
  const { id: fingerprint } = key.keyPair;
  log.info('key removed', { secret: key.name, fingerprint });
  if (!audit) return;
  const about = { kind: 'Secret', object: { metadata: { name: key.name } } } as const;
  const wasRetired = await isRetired?.(key.name);
  audit.record({ kind: wasRetired ? 'key.retired' : 'key.removed', about, key: fingerprint });
}
