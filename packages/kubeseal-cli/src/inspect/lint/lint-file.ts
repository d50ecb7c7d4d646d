import type { EveryReading } from '@fuin/manifests/every-reading';
import type { Input } from '../../io/inputs.ts';
import { type Finding, fieldsOf, nameOf, type PlacedFinding } from '../judge/finding.ts';
import { judge } from '../judge/judge-object.ts';
import { judgeTemplate } from '../judge/judge-template.ts';
import type { PinnedKey } from '../pinned-keys.ts';
import { judgeKeys } from './judge-keys.ts';
import { judgeSignatures, type Signing } from './judge-signatures.ts';
import { decode, documentsOf } from './read.ts';
import { type SealedFact, sealedFactsIn } from './sealed-facts.ts';

/** What one file tells: findings, and what is compared with other files. */
export interface FileReport {
  readonly findings: readonly PlacedFinding[];
  readonly facts: readonly SealedFact[];
}

/** Checks one file. Nothing of its values is kept. @param pinned keys of --certs */
export async function lintFile(
  { bytes, where }: Input,
  pinned: readonly PinnedKey[],
  cwd: string,
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
  return { findings: [...findings, ...judgeKeys(facts, pinned, cwd)], facts };
}

/** What is wrong in any reading of a document, each thing once. */
async function judgeReadings(document: EveryReading, label: string): Promise<Finding[]> {
  const { readings, duplicates, isWhole } = document;
  const found = new Map<string, Finding>();
  for (const reading of readings)
    for (const each of await judge(reading, { label, path: [] }))
      if (!found.has(each.message)) found.set(each.message, each);
  if (!isWhole) {
    const message = `${label} has too many keys that appear twice to check`;
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
