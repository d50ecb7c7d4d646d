import { visible } from '@fuin/crypto-core';
import { decodeText } from '@fuin/manifests/text-encoding';
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';

/** How long a diff may take. Files that have nothing in common are then shown as replaced. */
const MAX_EDITS = 20_000;

/**
 * What would change in a file, as a unified diff that `git apply` accepts. Characters that a terminal obeys
 * are escaped.
 */
export function unifiedDiff(file: string, before: Uint8Array, after: Uint8Array): string {
  const [old, fresh] = [before, after].map(decodeText);
  if (old === undefined || fresh === undefined || old === fresh) return '';
  const options = { context: 3, headerOptions: FILE_HEADERS_ONLY, maxEditLength: MAX_EDITS };
  const name = file.replace(/^\/+/, '');
  const patch = createTwoFilesPatch(`a/${name}`, `b/${name}`, old, fresh, undefined, undefined, options);
  return patch === undefined ? `--- a/${name}\n+++ b/${name}\n` : shown(patch);
}

/** Tabs and carriage returns stay, so that the diff can be applied. */
function shown(patch: string): string {
  return patch
    .split(/([\t\r])/)
    .map((part, at) => (at % 2 === 0 ? visible(part) : part))
    .join('');
}
