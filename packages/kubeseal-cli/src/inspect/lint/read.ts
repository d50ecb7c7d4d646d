import { SealedSecretsError } from '@fuin/crypto-core';
import { hasDuplicateKeys, parseJsonStream } from '@fuin/manifests';
import type { EveryReading } from '@fuin/manifests/every-reading';
import { decodeText } from '@fuin/manifests/text-encoding';

/** How much JSON is read again to tell a line or to judge every reading of duplicate keys. */
const MAX_READ_AGAIN = 4 * 1024 * 1024;

/**
 * The text of a file in any encoding that Windows and editors write: UTF-8, and UTF-16 with and without a
 * byte order mark. Joined files have marks inside. Removing zero bytes makes UTF-32 readable too.
 */
export function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const isUnmarked = bytes.length >= 4 && bytes.length % 2 === 0 && first !== second;
  const text =
    isUnmarked && second === 0 && bytes[3] === 0 && bytes[2] !== 0
      ? new TextDecoder('utf-16le').decode(bytes)
      : isUnmarked && first === 0 && bytes[2] === 0 && bytes[3] !== 0
        ? new TextDecoder('utf-16be').decode(bytes)
        : decodeText(bytes);
  return text.replaceAll(/[\0\ufeff]/g, '');
}

/**
 * The documents of a file; undefined when it is neither JSON nor YAML (which looks like JSON in flow style).
 */
export async function documentsOf(text: string, where: string): Promise<readonly EveryReading[] | undefined> {
  const { parseEveryReading } = await import('@fuin/manifests/every-reading');
  const { linesOf } = await import('@fuin/manifests/lines');
  const readYaml = () => parseEveryReading(text, where, 'any');
  const readJson = () => {
    const { values, rest } = parseJsonStream(text, where);
    const isShort = text.length <= MAX_READ_AGAIN;
    const hasDuplicates = hasDuplicateKeys(text.slice(0, text.length - rest.length), values);
    if (isShort && hasDuplicates) return readYaml();
    let lineIn: ReturnType<typeof linesOf> | undefined;
    const lineOf = (document: number, path: readonly string[]) => {
      if (!isShort) return undefined;
      lineIn ??= linesOf(text);
      return lineIn(document, path);
    };
    const json = values.map(
      (value, index): EveryReading => ({
        readings: [value],
        duplicates: [],
        isWhole: !hasDuplicates || index > 0, // one finding is enough
        lineOf: (path) => lineOf(index, path),
      }),
    );
    return [...json, ...parseEveryReading(rest, where, 'any')];
  };
  for (const read of /^\s*\{/.test(text) ? [readJson, readYaml] : [readYaml]) {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SealedSecretsError)) throw error;
    }
  }
  return undefined;
}
