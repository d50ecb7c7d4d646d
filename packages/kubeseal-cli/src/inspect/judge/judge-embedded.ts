import { looksLikeSecret, SealedSecretsError } from '@fuin/crypto-core';
import type { Finding, Place } from './finding.ts';

/** Judges a document; see judge-object.ts. */
type Judge = (value: unknown, place: Place) => Promise<Finding[]>;

/** Stands in a path where a string is read as a manifest. */
export const EMBEDDED = '|';

/** Whether a string may be a manifest of a Secret or SealedSecret. */
export function mayHoldSecret(text: string): boolean {
  return text.length > 12 && /secret/i.test(text) && (looksLikeSecret(text) || /encryptedData/i.test(text));
}

/** Judges the manifests in a string of another object: a ConfigMap, a patch, the values of a chart. */
export async function judgeEmbedded(text: string, place: Place, judge: Judge): Promise<Finding[]> {
  const { parseYaml } = await import('@fuin/manifests/read-yaml');
  const found: Finding[] = [];
  try {
    for (const { value } of parseYaml(text, place.label, 'any'))
      if (typeof value === 'object')
        found.push(...(await judge(value, { ...place, path: [...place.path, EMBEDDED] })));
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    if (!looksLikeSecret(text)) return [];
    // a script or a template, say
    const message = `${place.label} seems to hold a Secret`;
    return [{ rule: 'maybe-secret', message, about: [...place.path], path: place.path }];
  }
  return found.map((each) => ({ ...each, path: place.path })); // its own lines are not those of the file
}
