import { visible } from '@fuin/crypto-core';
import { decodeText } from '@fuin/manifests/text-encoding';
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';

/** How long a diff may take. Files that have nothing in common are then shown as replaced. */
const MAX_EDITS = 20_000;

/** Digits of the hash: enough to see that a value changed. */
const HASH_DIGITS = 12;
/** What is this long in a manifest is a sealed value: the shortest has 1,024 bits. */
const SEALED = /[A-Za-z0-9+/]{160,}={0,2}/g;

/** What stands for a sealed value where people read. */
export function sealedMark(sealed: string): string {
  const { createHash } = process.getBuiltinModule('node:crypto'); // not an import: few runs need it
  const hash = createHash('sha256').update(sealed.replaceAll(/\s/g, '')).digest('hex');
  return `<sealed ${hash.slice(0, HASH_DIGITS)}>`;
}

/**
 * What would change in a file, as a unified diff that `git apply` accepts. Characters that a terminal obeys
 * are escaped.
 *
 * @param isForPeople whether marks stand for sealed values, so that `git apply` cannot take it
 */
export function unifiedDiff(
  file: string,
  { before, after }: { readonly before: Uint8Array; readonly after: Uint8Array },
  isForPeople: boolean,
): string {
  const [old, fresh] = [before, after].map(decodeText);
  if (old === undefined || fresh === undefined || old === fresh) return '';
  const options = { context: 3, headerOptions: FILE_HEADERS_ONLY, maxEditLength: MAX_EDITS };
  const name = file.replace(/^\/+/, '');
  const patch = createTwoFilesPatch(`a/${name}`, `b/${name}`, old, fresh, undefined, undefined, options);
  if (patch === undefined) return `--- a/${name}\n+++ b/${name}\n`;
  return shown(isForPeople ? patch.replaceAll(SEALED, sealedMark) : patch);
}

/** Tabs and carriage returns stay, so that the diff can be applied. */
function shown(patch: string): string {
  return patch
    .split(/([\t\r])/)
    .map((part, at) => (at % 2 === 0 ? visible(part) : part))
    .join('');
}
