import { decodeStrictly } from '@fuin/manifests/text-encoding';
import { isScalar, parseDocument } from 'yaml';
import { usageError } from '../usage-error.ts';

/**
 * The settings file with another fingerprint for a cluster. Quotes, comments and every other byte stay.
 *
 * @param bytes a file that readSettings accepts
 * @throws ERR_USAGE where the file does not hold the fingerprint as it was read
 */
export function replaceFingerprint(
  bytes: Uint8Array,
  cluster: string,
  { old, next }: { readonly old: string; readonly next: string },
): Uint8Array {
  const decoded = decodeStrictly(bytes);
  const text = decoded?.text ?? '';
  const node = parseDocument(text, { prettyErrors: false }).getIn(['clusters', cluster, 'fingerprint'], true);
  const [start, end] = (isScalar(node) && node.range) || [0, 0];
  const written = text.slice(start, end);
  if (!decoded || written.split(old).length !== 2)
    throw usageError(
      `the fingerprint of cluster ${cluster} was changed meanwhile, or is written with escapes`,
    );
  return decoded.encode(text.slice(0, start) + written.replace(old, () => next) + text.slice(end));
}
