import type { EveryReading } from '@fuin/manifests/every-reading';
import type { Input } from '../../io/inputs.ts';
import { type Finding, fieldsOf, nameOf, type PlacedFinding } from '../judge/finding.ts';
import { judge } from '../judge/judge-object.ts';
import { judgeTemplate } from '../judge/judge-template.ts';
import { judgeKeys } from './judge-keys.ts';
import { judgeSignatures, type Signing } from './judge-signatures.ts';
import { type FileTerms, judgeTerms } from './judge-terms.ts';
import { decode, documentsOf } from './read.ts';
import { type SealedFact, sealedFactsIn } from './sealed-facts.ts';

/** What one file tells: findings, and what is compared with other files. */
export interface FileReport {
  readonly findings: readonly PlacedFinding[];
  readonly facts: readonly SealedFact[];
}

/**
 * Checks one file. Nothing of its values is kept.
 *
 * @param termsFor what SealedSecrets of a file are held to; asked only where there is one
 */
export async function lintFile(
  { bytes, where }: Input,
  termsFor: (file: string) => Promise<FileTerms>,
  signing: Signing,
): Promise<FileReport> {
  const text = decode(bytes);
  const documents = await documentsOf(text, where);
  if (!documents) {
    const found = await judgeTemplate(text, where);
    return { findings: found.map((each) => ({ ...each, file: where, line: each.line ?? 1 })), facts: [] };
  }
  const findings: PlacedFinding[] = [];
  const facts: SealedFact[] = [];
  for (const [index, document] of documents.entries()) {
    const label = `document ${index + 1} of ${where}`;
    const place = (finding: Finding): PlacedFinding => ({
      ...finding,
      file: where,
      line: finding.line ?? document.lineOf(finding.path) ?? 1,
    });
    findings.push(...(await judgeReadings(document, label)).map(place));
    findings.push(...(await judgeSignatures(document, label, signing)).map(place));
    facts.push(...sealedFactsIn(document, { file: where, label }));
  }
  if (facts.length === 0) return { findings, facts };
  const terms = await termsFor(where);
  const { cluster } = terms;
  return {
    findings: [...findings, ...judgeKeys(facts, terms), ...judgeTerms(facts, terms.rule)],
    facts: cluster === undefined ? facts : facts.map((fact) => ({ ...fact, cluster })),
  };
}

/** What is wrong in any reading of a document, each thing once. */
async function judgeReadings(document: EveryReading, label: string): Promise<Finding[]> {
  const { readings, duplicates, isWhole } = document;
  const found = new Map<string, Finding>();
  for (const reading of readings)
    for (const each of await judge(reading, { label, path: [] }))
      if (!found.has(each.message)) found.set(each.message, each);
  if (!isWhole) {
    const message = `${label} has keys that appear twice, and too much to check all readings`;
    found.set(message, { rule: 'not-checked', message, about: [], path: [] });
  }
  const kinds = readings.map((reading) => String(fieldsOf(reading)['kind']).toLowerCase());
  if (kinds.some((kind) => /^(?:sealed)?secrets?$/.test(kind)))
    for (const { name, line } of duplicates) {
      const message = `${label}: key ${name} appears twice in ${nameOf(fieldsOf(readings[0]))}`;
      found.set(message, {
        rule: 'duplicate-key',
        message,
        about: [nameOf(fieldsOf(readings[0])), name],
        path: [],
        line,
      });
    }
  return [...found.values()];
}
