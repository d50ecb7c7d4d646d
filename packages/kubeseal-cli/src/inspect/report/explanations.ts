import { printable, visible } from '@fuin/crypto-core';
import { objectName } from '../../input/object-name.ts';
import type { Failure } from '../../input/tree/failures.ts';
import { jsonText } from '../../output/json-text.ts';
import type { Explanation } from '../explain-object.ts';

/** Of the JSON document. It changes only when a field changes its meaning or goes. */
const SCHEMA_VERSION = 1;

/** Explanations as text: a line for each object, and below it one for each reason. */
export function explanationsAsText(explanations: readonly Explanation[], hasKeys: boolean): string {
  return explanations
    .map((each) => {
      const { label } = each;
      const named = objectName(each) || '(no name)';
      const lines = linesOf(each, hasKeys).map((line) => `  ${line}\n`);
      return visible(`${label}: SealedSecret ${named}\n${lines.join('')}`);
    })
    .join('');
}

function linesOf({ opened, reasons, remarks }: Explanation, hasKeys: boolean): string[] {
  const told = [
    ...reasons.map(({ item, message }) => (item === undefined ? message : `${printable(item)}: ${message}`)),
    ...[...opened].map(([item, key]) => `${printable(item)}: it opens with key ${key}`),
    ...remarks,
  ];
  if (told.length > 0) return told;
  return [
    hasKeys
      ? 'none of the given keys opens it, and nothing tells why: was it sealed for this cluster, and for this name and namespace?'
      : 'nothing is wrong with it that can be seen without a key: --recovery-private-key and --from-cluster tell more',
  ];
}

/** Explanations as one JSON document (docs/commands/check.md). */
export function explanationsAsJson(
  explanations: readonly Explanation[],
  failures: readonly Failure[],
): string {
  const document = {
    schemaVersion: SCHEMA_VERSION,
    sealedSecrets: explanations.map(({ file, label, namespace, name, scope, opened, reasons, remarks }) => ({
      file,
      place: label,
      namespace,
      name,
      scope,
      reasons: reasons.map(({ cause, item, message }) => ({ cause, item: item ?? null, message })),
      opened: Object.fromEntries(opened),
      remarks,
    })),
    errors: failures.map(({ where, error }) => ({ file: where, message: error.message })),
  };
  return jsonText(document);
}
