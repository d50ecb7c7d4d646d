import type { Head } from '@fuin/audit';
import type { EventRecorder } from '@fuin/kube/events';
import { describeError, type Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';

/** What the audit log tells the other rooms, beside its lines. */
export interface AuditReports {
  /** Nothing can be written. */
  onFailure(error: unknown): void;
  onRecovery(): void;
  /** An event had no room in memory. */
  onLoss(): void;
  /** A line was written; called for each. */
  onWritten(head: Head): void;
  /** A head to keep elsewhere: what the file says later can be compared with it. */
  onAnchor(head: Head): void;
}

/** Where it is reported. */
export interface ReportsDeps {
  readonly events: EventRecorder;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'auditFailing' | 'auditLost' | 'auditSequence'>;
  readonly identity: string;
  /** The Lease, to which the events belong. */
  readonly lease: { readonly namespace: string; readonly name: string };
}

/** Reports it by metric, log and event. */
export function auditReports({ events, log, metrics, identity, lease }: ReportsDeps): AuditReports {
  const target = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: lease };
  return {
    onFailure: (error) => {
      metrics.auditFailing.set(1);
      log.error('audit log cannot be written, will retry', {
        identity,
        errno: errnoOf(error),
        ...describeError(error),
      });
      events.record(target, 'Warning', 'AuditFailing', `the audit log of ${identity} cannot be written`);
    },
    onRecovery: () => {
      metrics.auditFailing.set(0);
      log.info('audit log is written again', { identity });
    },
    onLoss: () => metrics.auditLost.inc(),
    onWritten: ({ seq }) => metrics.auditSequence.set(seq),
    onAnchor: ({ chain, seq, hash }) => {
      log.info('audit anchor', { chain, sequence: seq, hash });
      events.record(
        target,
        'Normal',
        'AuditAnchor',
        `${identity}: chain ${chain}, line ${seq}, hash ${hash}`,
      );
    },
  };
}

/** The code of the operating system, such as ENOSPC. Its messages name paths. */
function errnoOf(error: unknown): string | undefined {
  const { code } = Object(error) as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
