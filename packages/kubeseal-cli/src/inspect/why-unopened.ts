import { type SealedSecret, sealingNoteOf } from '@fuin/crypto-core';
import { looksOf } from './check-value.ts';

/**
 * Why a SealedSecret may not open, as far as that is visible without a key. A failed decryption does not tell
 * the causes apart.
 */
export function whyUnopened(sealedSecret: SealedSecret): string {
  const { metadata, spec } = sealedSecret;
  const unsealed = Object.entries(spec.encryptedData).flatMap(([item, value]) => {
    const looks = looksOf(value);
    return looks === 'sealed' ? [] : [`${item} is ${looks === 'damaged' ? 'damaged' : 'not sealed'}`];
  });
  if (unsealed.length > 0) return unsealed.join(', ');
  const sealedFor = spec.template?.metadata ?? {};
  const differences = (['namespace', 'name'] as const).filter(
    (field) => sealedFor[field] !== undefined && sealedFor[field] !== metadata[field],
  );
  if (differences.length > 0) {
    const was = differences.map((field) => `${field} ${sealedFor[field]}`).join(' and ');
    return `its template says that it was sealed for ${was}: a strict SealedSecret cannot be renamed or moved; seal the Secret again`;
  }
  const keys = [...new Set(sealingNoteOf(sealedSecret).values())];
  const note = keys.length === 0 ? '' : `. Its note says that it was sealed with key ${keys.join(', ')}`;
  return `was it sealed for this cluster, and for this name and namespace? A strict SealedSecret cannot be renamed or moved${note}. kubeseal why FILE tells what there is evidence for`;
}
