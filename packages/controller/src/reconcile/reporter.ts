import { API_VERSION, KIND, SealedSecretsError } from '@fuin/crypto-core';
import type { KubeObject } from '@fuin/kube/client';
import type { EventRecorder } from '@fuin/kube/events';
import type { AuditTrail } from '../audit/trail.ts';
import { describeError, type Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Remarks } from './status/conditions.ts';
import { failureMessage, failureRow, isRetried } from './status/failures.ts';

/** What a successful reconcile did to the Secret. */
export type Result = 'created' | 'updated' | 'unchanged';

/** What a successful reconcile did, and what is to remark about the object. */
interface Success {
  readonly result: Result;
  readonly observation?: Remarks;
}

/** Reports reconciles to people and machines: events, metrics, log. */
export interface Reporter {
  report(object: KubeObject, outcome: Success | { readonly failure: unknown }): void;
  /** Something else changed the Secret. */
  reportDrift(object: KubeObject, action: 'repair' | 'warn'): void;
  reportStatusFailure(object: KubeObject, error: unknown): void;
  /**
   * A status was stored, either whole or without the fields that the cluster's CRD does not know. Reported
   * once.
   */
  reportStored(object: KubeObject, isWhole: boolean): void;
}

/** What a reporter writes to. */
export interface ReporterDeps {
  readonly events: EventRecorder;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'unsealErrors' | 'driftRepairs' | 'lastSuccess' | 'statusPruned'>;
  readonly now: () => Date;
  readonly audit?: AuditTrail | undefined;
}

const PRUNED =
  'The CRD sealedsecrets.bitnami.com in this cluster drops status.lastUnseal: apply the CRD of this controller';

/**
 * Makes a reporter that uses upstream's event reasons and texts. A failure that is retried is logged where
 * the retry is decided.
 */
export function createReporter({ events, log, metrics, now, audit }: ReporterDeps): Reporter {
  let wasPruned = false;
  return {
    reportStored(object, isWhole) {
      metrics.statusPruned.set(isWhole ? 0 : 1);
      if (isWhole || wasPruned) return;
      wasPruned = true;
      log.warn('status is stored without lastUnseal, apply the CRD of this controller', namesOf(object));
      events.record(targetOf(object), 'Warning', 'StatusPruned', PRUNED);
    },
    report(object, outcome) {
      const names = namesOf(object);
      if ('result' in outcome) {
        metrics.lastSuccess.set(now().getTime() / 1000);
        log.info('sealed secret unsealed', { ...names, result: outcome.result });
        events.record(targetOf(object), 'Normal', 'Unsealed', 'SealedSecret unsealed successfully');
        if (outcome.observation) reportRemarks(object, outcome.observation, { events, log });
        return;
      }
      const { event, metric, reason } = failureRow(outcome.failure);
      const message = failureMessage(outcome.failure);
      audit?.record({ kind: 'secret.refused', about: aboutOf(object), reason, ...itemsOf(outcome.failure) });
      metrics.unsealErrors.inc({ reason: metric, namespace: names.namespace });
      if (!isRetried(outcome.failure)) {
        log.error('error unsealing sealed secret', { ...names, reason, ...describeError(outcome.failure) });
      }
      // like upstream: the condition of a Secret that is not owned begins with "failed update: ", its event
      // does not
      const text =
        event === 'ErrUnsealFailed'
          ? `Failed to unseal: ${message}`
          : message.replace(/^failed update: /, '');
      events.record(targetOf(object), 'Warning', event, text);
    },
    reportStatusFailure(object, error) {
      metrics.unsealErrors.inc({ reason: 'status', namespace: namesOf(object).namespace });
      audit?.record({ kind: 'status.refused', about: aboutOf(object), reason: failureRow(error).reason });
      if (!isRetried(error))
        log.error('error updating status', { ...namesOf(object), ...describeError(error) });
    },
    reportDrift(object, action) {
      metrics.driftRepairs.inc({ action });
      audit?.record({ kind: 'secret.drifted', about: aboutOf(object), action });
      log.warn('secret was changed by something else', { ...namesOf(object), action });
      const text = action === 'repair' ? 'it is restored' : 'it is not restored (--drift-policy=warn)';
      events.record(
        targetOf(object),
        'Warning',
        'DriftDetected',
        `something else changed the Secret: ${text}`,
      );
    },
  };
}

function reportRemarks(
  object: KubeObject,
  { expired, unsigned }: Remarks,
  { events, log }: Pick<ReporterDeps, 'events' | 'log'>,
): void {
  if (unsigned !== '') {
    log.warn('no allowed signer signed the sealed secret', { ...namesOf(object), finding: unsigned });
    const text = `no allowed signer signed the SealedSecret, which is used all the same: ${unsigned}`;
    events.record(targetOf(object), 'Warning', 'SignerRequired', text);
  }
  if (expired === '') return;
  log.warn('sealed values are past their expiry', { ...namesOf(object), items: expired });
  const text = `these items are past the expiry that their sealer set: ${expired}`;
  events.record(targetOf(object), 'Warning', 'ValueExpired', text);
}

function namesOf({ metadata }: KubeObject): { readonly namespace: string; readonly name: string } {
  return { namespace: metadata.namespace ?? '', name: metadata.name ?? '' };
}

function aboutOf(object: KubeObject) {
  return { kind: 'SealedSecret', object } as const;
}

/** The items that failed. */
function itemsOf(failure: unknown): { readonly items?: readonly string[] } {
  const items = failure instanceof SealedSecretsError ? failure.items.map(({ item }) => item) : [];
  return items.length > 0 ? { items } : {};
}

function targetOf({ metadata }: KubeObject) {
  return { apiVersion: API_VERSION, kind: KIND, metadata };
}
