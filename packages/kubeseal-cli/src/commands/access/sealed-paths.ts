import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { KIND } from '@fuin/crypto-core';
import { decodeText } from '@fuin/manifests/text-encoding';
import { isFailure } from '../../input/tree/failures.ts';
import { readTree } from '../../input/tree/tree.ts';
import { isStream } from '../../io/files.ts';
import type { Io } from '../../io/io.ts';

/** The files that arguments name, and those below directories that may hold SealedSecrets. */
export async function* filesOf(
  paths: readonly string[],
  io: Pick<Io, 'cwd' | 'stdin'>,
): AsyncGenerator<string> {
  for (const path of paths) {
    if (!isDirectory(path, io.cwd)) yield path;
    else
      for await (const found of readTree([path], io))
        if (!isFailure(found) && decodeText(found.bytes).includes(KIND)) yield found.where;
  }
}

function isDirectory(path: string, cwd: string): boolean {
  return (
    path !== '' &&
    !isStream(path) &&
    statSync(resolve(cwd, path), { throwIfNoEntry: false })?.isDirectory() === true
  );
}
