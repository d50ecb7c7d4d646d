import { jsonText } from '../../output/json-text.ts';
import { RULES } from '../judge/rules.ts';
import type { Reported } from '../lint/fingerprint.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

/** The findings as SARIF 2.1.0, for GitHub code scanning and other viewers (OASIS SARIF v2.1.0). */
export function sarifOf(findings: readonly Reported[], version: string): string {
  const ids = Object.keys(RULES);
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'kubeseal check',
            semanticVersion: version,
            rules: Object.entries(RULES).map(([id, { title, hint, severity }]) => ({
              id,
              name: id.replace(/(?:^|-)(\w)/g, (_all, letter: string) => letter.toUpperCase()),
              shortDescription: { text: title },
              fullDescription: { text: `${title}.` },
              help: { text: `${hint}.` },
              defaultConfiguration: { level: severity },
              properties: {
                tags: ['security'],
                'security-severity': severity === 'error' ? '8.0' : '4.0',
                precision: 'high',
              },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: findings.map(({ rule, severity, message, file, line, fingerprint }) => ({
          ruleId: rule,
          ruleIndex: ids.indexOf(rule),
          level: severity,
          message: { text: message },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: uriOf(file), uriBaseId: '%SRCROOT%' },
                region: { startLine: line },
              },
            },
          ],
          partialFingerprints: { 'kubesealCheck/v1': fingerprint },
        })),
      },
    ],
  };
  return jsonText(log);
}

/** A path as a relative reference (RFC 3986 §4.2): a file `a b.yaml` is `a%20b.yaml`. */
function uriOf(file: string): string {
  return file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/');
}
