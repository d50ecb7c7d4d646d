import type { SealedFile } from '../../input/sealed-files.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { SIGN_COMMAND_FLAGS } from '../../invocation/flags/command-flags.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { changeTree, type Target } from './change-tree.ts';

type Given = CommandLine<typeof SIGN_COMMAND_FLAGS>;

/** @throws ERR_USAGE without a key */
export function checkSign({ flags }: Given): void {
  if (flags.key === '')
    throw usageError('it is not said with which key to sign', 'give --key FILE, such as ~/.ssh/id_ed25519');
}

/**
 * `kubeseal sign PATH... --key KEY`: signs every SealedSecret of files and directories. Who signs vouches for
 * what stands there.
 *
 * @throws ERR_USAGE, ERR_KEY_INVALID, ERR_MANIFEST_INVALID
 */
export async function sign({ flags, arguments: paths }: Given, world: CommandWorld): Promise<void> {
  const work = {
    paths,
    doing: 'signing',
    choose: ({ sealed }: SealedFile) => sealed,
    change: async (targets: readonly Target[]) => targets.map(() => SIGNED),
  };
  const { key, ...others } = flags;
  await changeTree(work, { ...others, sign: key }, world);
}

const SIGNED = { set: {}, items: [], says: 'signed it' } as const;
