import { CERT, KEY } from './keys.ts';

/** Certificate and key as files of a run. */
export const KEY_FILES = { 'cert.pem': CERT, 'key.pem': KEY };
/** Opens what those keys opened. */
export const UNSEAL = ['--recovery-unseal', '--recovery-private-key', 'key.pem', '-o', 'yaml'];

/**
 * A SealedSecret in namespace blue, as text: what follows `encryptedData:`, and more lines of its metadata.
 */
export function sealedSecret(name: string, items: string, metadata = ''): string {
  return `apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: ${name}\n  namespace: blue\n${metadata}spec:\n  encryptedData:${items}\n`;
}

/** The text without sealed values, which are never the same. */
export function masked(text = ''): string {
  return text.replace(/Ag[\w+/=]{40,}/g, '<sealed>');
}
