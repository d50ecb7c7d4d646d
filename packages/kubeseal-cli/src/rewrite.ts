import { readManifests } from './manifest.ts';
import { orderSealedSecret } from './order.ts';
import { type Format, formatManifest } from './output.ts';
import type { TextEdit } from './yaml/edit.ts';
import { SEALED_SECRET_SHAPE } from './yaml/shape.ts';

/** A file that is to be changed in place. */
export interface Rewrite {
  readonly bytes: Uint8Array;
  /** Its name, for messages. */
  readonly where: string;
  readonly edits: readonly TextEdit[];
}

/**
 * The file's new text: edited in place, so that comments, order and untouched items stay byte for byte. The result is read again and compared; where
 * the file has a shape that cannot be edited so, its objects are printed anew in the file's own format.
 */
export async function rewriteManifests({ bytes, where, edits }: Rewrite): Promise<string> {
  const source = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const mark = source.startsWith('\ufeff') ? '\ufeff' : '';
  const { editYaml } = await import('./yaml/edit.ts');
  const edited = editYaml(source.slice(mark.length), edits);
  if (edited !== undefined && (await holds(edited, where, edits))) return mark + edited;
  return reprint(bytes, where, edits);
}

async function holds(text: string, where: string, edits: readonly TextEdit[]): Promise<boolean> {
  try {
    const { documents } = await readManifests(Buffer.from(text), where, SEALED_SECRET_SHAPE);
    return edits.every(({ document, path, text: expected }) => {
      const found = documents.find(({ index }) => index === document);
      return (
        path.reduce<unknown>(
          (value, key) => (value as Record<string, unknown> | undefined)?.[key],
          found?.value,
        ) === expected
      );
    });
  } catch {
    return false;
  }
}

async function reprint(bytes: Uint8Array, where: string, edits: readonly TextEdit[]): Promise<string> {
  const format: Format = /^\s*\{/.test(new TextDecoder().decode(bytes)) ? 'json' : 'yaml';
  const { documents } = await readManifests(bytes, where, SEALED_SECRET_SHAPE);
  const texts = documents.map(({ index, value }) => {
    const changed = structuredClone(value) as Record<string, unknown>;
    for (const edit of edits.filter(({ document }) => document === index)) setText(changed, edit);
    return formatManifest(orderSealedSecret(changed), format);
  });
  return texts.join('');
}

function setText(object: Record<string, unknown>, { path, text }: TextEdit): void {
  let parent = object;
  for (const key of path.slice(0, -1)) {
    const child = Object.hasOwn(parent, key) ? parent[key] : undefined;
    const next = typeof child === 'object' && child !== null ? (child as Record<string, unknown>) : {};
    Object.defineProperty(parent, key, { value: next, enumerable: true, writable: true, configurable: true });
    parent = next;
  }
  const last = path.at(-1) ?? '';
  Object.defineProperty(parent, last, { value: text, enumerable: true, writable: true, configurable: true });
}
