import { relative, resolve, sep } from 'node:path';
import { visible } from '@fuin/crypto-core';
import { decodeText } from '@fuin/manifests/text-encoding';
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { repositoryOf } from '../io/repository.ts';

/** How long a diff may take. Files that have nothing in common are then shown as replaced. */
const MAX_EDITS = 20_000;

/** How a diff names a file that does not exist. */
const NO_FILE = '/dev/null';
/** Digits of the hash: enough to see that a value changed. */
const HASH_DIGITS = 12;
/** What is this long in a manifest is a sealed value: the shortest has 1,024 bits. */
const SEALED = /[A-Za-z0-9+/]{160,}={0,2}/g;

/** Stands for a sealed value in a dry run, which needs neither value nor certificate. */
export const ANY_SEALED = '<sealed>';

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
 * @param path absolute, or from `cwd` on
 * @param before undefined where the file does not exist yet, and `after` where it goes
 * @param isForPeople whether marks stand for sealed values, so that `git apply` cannot take it
 */
export function unifiedDiff(
  path: string,
  cwd: string,
  { before, after }: { readonly before: Uint8Array | undefined; readonly after: Uint8Array | undefined },
  isForPeople: boolean,
): string {
  const [old, fresh] = [before, after].map((bytes) => decodeText(bytes ?? new Uint8Array()));
  if (old === undefined || fresh === undefined || old === fresh) return '';
  const options = { context: 3, headerOptions: FILE_HEADERS_ONLY, maxEditLength: MAX_EDITS };
  const name = nameOf(resolve(cwd, path), cwd);
  const from = before ? `a/${name}` : NO_FILE;
  const to = after ? `b/${name}` : NO_FILE;
  const patch = createTwoFilesPatch(from, to, old, fresh, undefined, undefined, options);
  if (patch === undefined) return `--- ${from}\n+++ ${to}\n`;
  return shown(isForPeople ? patch.replaceAll(SEALED, sealedMark) : patch);
}

/**
 * How a diff names a file: from the directory on where `git apply` would run, and where the file is not below
 * it, from the root of the repository on, as Git does.
 */
function nameOf(path: string, cwd: string): string {
  const names = [cwd, repositoryOf(cwd)].map((directory) => directory && relative(directory, path));
  const below = names.find((name) => name !== undefined && name !== '..' && !name.startsWith(`..${sep}`));
  return (below ?? path).split(sep).join('/').replace(/^\/+/, '');
}

/** Tabs and carriage returns stay, so that the diff can be applied. */
function shown(patch: string): string {
  return patch
    .split(/([\t\r])/)
    .map((part, at) => (at % 2 === 0 ? visible(part) : part))
    .join('');
}
