import { jsonText } from '../../output/json-text.ts';
import type { Reported } from '../lint/fingerprint.ts';

/** The findings as a report of GitLab's code quality. */
export function gitlabOf(findings: readonly Reported[]): string {
  const report = findings.map(({ rule, severity, message, file, line, fingerprint }) => ({
    description: message,
    check_name: rule,
    fingerprint,
    severity: severity === 'error' ? 'critical' : 'minor',
    location: { path: file.replaceAll('\\', '/').replace(/^\.\//, ''), lines: { begin: line } },
  }));
  return jsonText(report);
}
