import { createHash } from 'node:crypto';
import type { PlacedFinding } from '../judge/finding.ts';
import { type RuleId, type Severity, severityOf } from '../judge/rules.ts';

/** A finding as it is reported. */
export interface Reported extends PlacedFinding {
  readonly severity: Severity;
  /**
   * The same in every run, wherever the lines move: made of rule, file, object and item. No value is part of
   * it, since the hash of a short value would reveal the value.
   */
  readonly fingerprint: string;
}

/** Gives each finding its fingerprint. Of findings that are alike, each is counted. */
export function withFingerprints(findings: readonly PlacedFinding[]): Reported[] {
  const counts = new Map<string, number>();
  return findings.map((finding) => {
    const { rule, file, about } = finding;
    const identity = [rule satisfies RuleId, file.replaceAll('\\', '/'), ...about];
    const key = JSON.stringify(identity);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    const fingerprint = createHash('sha256')
      .update(JSON.stringify([...identity, count]))
      .digest('hex');
    return { ...finding, severity: severityOf(rule), fingerprint };
  });
}
