import type { Failure } from '../../input/tree/failures.ts';
import { jsonText } from '../../output/json-text.ts';
import type { Next } from './replacement.ts';
import type { ClusterCert } from './state.ts';

/** Of the JSON document. It changes only when a field changes its meaning or goes. */
const SCHEMA_VERSION = 1;

/** What was done about the certificate of a cluster. */
export interface CertUpdate {
  /** How it stood before. */
  readonly known: ClusterCert;
  readonly change: 'updated' | 'unchanged' | 'not-pinned';
  /** Undefined where nothing is pinned. */
  readonly next?: Next;
  /** The files that were written. */
  readonly files: readonly string[];
}

/** One JSON document (docs/commands/clusters.md). */
export function updatesAsJson(
  updates: readonly CertUpdate[],
  failures: readonly Failure[],
  isDryRun: boolean,
): string {
  return jsonText({
    schemaVersion: SCHEMA_VERSION,
    dryRun: isDryRun,
    clusters: updates.map(({ known: { cluster, certificate }, change, next, files }) => ({
      name: cluster.name,
      change,
      fingerprint: cluster.fingerprint ?? null,
      certificate: certificate?.recipient.id ?? null,
      replacement: next?.certificate.recipient.id ?? null,
      source: next?.from ?? null,
      notAfter: next?.certificate.notAfter.toISOString() ?? null,
      files,
    })),
    errors: failuresOf(failures),
  });
}

/** The clusters that failed, for a JSON document. */
export function failuresOf(failures: readonly Failure[]): object[] {
  return failures.map(({ where, error }) => ({
    cluster: where.replace(/^cluster /, ''),
    message: error.message,
  }));
}
