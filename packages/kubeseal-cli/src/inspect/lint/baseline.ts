import { SealedSecretsError } from '@fuin/crypto-core';
import { jsonText } from '../../output/json-text.ts';
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
  return jsonText({ schemaVersion: SCHEMA_VERSION, findings: known });
}

/** The file of each finding that is known and accepted, by fingerprint. */
export type Baseline = ReadonlyMap<string, string>;

/** The findings that a baseline does not accept. */
export function newAmong(all: readonly Reported[], known: Baseline): readonly Reported[] {
  return all.filter(({ fingerprint }) => !known.has(fingerprint));
}

/**
 * How many findings of a baseline are there no more.
 *
 * @param checked the files that were checked: of others, the baseline may hold more
 */
export function goneFrom(known: Baseline, all: readonly Reported[], checked: ReadonlySet<string>): number {
  const present = new Set(all.map(({ fingerprint }) => fingerprint));
  return [...known].filter(([print, path]) => !present.has(print) && checked.has(path)).length;
}

/** Reads a baseline. @throws ERR_USAGE */
export function knownFindings(text: string, file: string): Baseline {
  try {
    const { schemaVersion, findings } = JSON.parse(text) as { schemaVersion?: unknown; findings?: unknown };
    if (schemaVersion === SCHEMA_VERSION && Array.isArray(findings))
      return new Map(
        findings.map((each: { fingerprint?: unknown; file?: unknown } | null) => [
          String(each?.fingerprint),
          String(each?.file),
        ]),
      );
  } catch {
    // said below
  }
  throw new SealedSecretsError('ERR_USAGE', `${file} is no baseline of kubeseal check`, {
    hint: 'kubeseal check --baseline FILE --write-baseline writes one',
  });
}
