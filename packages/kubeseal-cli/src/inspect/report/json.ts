import type { Failure } from '../../input/tree/failures.ts';
import { jsonText } from '../../output/json-text.ts';
import type { Reported } from '../lint/fingerprint.ts';

/** Of the document. It changes only when a field changes its meaning or goes. */
const SCHEMA_VERSION = 1;

/** The findings as one JSON document (docs/commands/check.md). @param known how many the baseline accepts */
export function jsonOf(findings: readonly Reported[], failures: readonly Failure[], known: number): string {
  const document = {
    schemaVersion: SCHEMA_VERSION,
    findings: findings.map(({ rule, severity, message, file, line, fingerprint }) => ({
      rule,
      severity,
      message,
      file,
      line,
      fingerprint,
    })),
    inBaseline: known,
    errors: failures.map(({ where, error }) => ({ file: where, message: error.message })),
  };
  return jsonText(document);
}
