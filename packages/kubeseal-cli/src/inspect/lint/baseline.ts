import { SealedSecretsError, visible } from '@fuin/crypto-core';
import type { Reported } from './fingerprint.ts';

/** Of the file. */
const SCHEMA_VERSION = 1;

/** A baseline: findings that are known and accepted. Programs compare the fingerprints. */
export function baselineOf(findings: readonly Reported[]): string {
  const known = findings.map(({ fingerprint, rule, file, message }) => ({
    fingerprint,
    rule,
    file,
    message,
  }));
  return `${visible(JSON.stringify({ schemaVersion: SCHEMA_VERSION, findings: known }, undefined, 2))}\n`;
}

/** The fingerprints in a baseline. @throws ERR_USAGE */
export function fingerprintsIn(text: string, file: string): ReadonlySet<string> {
  try {
    const { schemaVersion, findings } = JSON.parse(text) as { schemaVersion?: unknown; findings?: unknown };
    if (schemaVersion === SCHEMA_VERSION && Array.isArray(findings))
      return new Set(findings.map((each: { fingerprint?: unknown } | null) => String(each?.fingerprint)));
  } catch {
    // said below
  }
  throw new SealedSecretsError('ERR_USAGE', `${file} is no baseline of kubeseal check`, {
    hint: 'kubeseal check --baseline FILE --write-baseline writes one',
  });
}
