import { openSealedFile } from '../../input/sealed-files.ts';
import type { CommandWorld } from '../../invocation/command.ts';
import { readInput } from '../../io/files.ts';
import { sealedMark } from '../../output/diff.ts';

/**
 * `kubeseal git textconv FILE`: the file with a short hash in the place of each sealed value, for `git diff`.
 * What cannot be read is printed as it is. It needs no key.
 */
export async function textconv(file: string, { io }: Pick<CommandWorld, 'io'>): Promise<void> {
  await io.stdout.write(await readable(await readInput(io.cwd, file), file));
}

async function readable(bytes: Uint8Array, where: string): Promise<Uint8Array> {
  try {
    const input = { bytes, where, isNamed: false, isStdin: false };
    const opened = await openSealedFile(input, () => undefined);
    const edits = (opened?.sealed ?? []).flatMap(({ document, sealedSecret: { spec } }) =>
      Object.entries(spec.encryptedData).map(([item, sealed]) => ({
        document: document.index,
        path: [...document.path, 'spec', 'encryptedData', item],
        text: sealedMark(sealed),
      })),
    );
    return opened && edits.length > 0 ? await opened.file.rewrite(edits) : bytes;
  } catch {
    return bytes; // a Helm template, a file with conflicts: Git shows it as it is
  }
}
