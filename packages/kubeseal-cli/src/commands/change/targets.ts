import { SealedSecretsError } from '@fuin/crypto-core';
import { inAskedPlace } from '../../input/asked-place.ts';
import type { SealedFile } from '../../input/sealed-files.ts';
import { chooseSealed, type SealedInput } from '../../input/sealed-secrets.ts';
import type { CommandLine } from '../../invocation/command.ts';
import type { CHANGE_ITEM_FLAGS } from '../../invocation/flags/command-flags.ts';
import { variableOf } from '../../invocation/options.ts';
import { usageError } from '../../invocation/usage-error.ts';
import type { Io } from '../../io/io.ts';
import type { ObjectChange, Outcome, Target } from './change-tree.ts';

type Given = Pick<CommandLine<Pick<typeof CHANGE_ITEM_FLAGS, 'name' | 'namespace'>>, 'flags' | 'changed'>;

/**
 * Which SealedSecret of a file --name and -n mean. A named file must hold it; in a directory every
 * SealedSecret of that name is meant, and the other files are passed over.
 */
export function chooserOf({ flags, changed }: Given, { env }: Pick<Io, 'env'>) {
  const { name, namespace } = flags;
  const asked = (['namespace', 'name'] as const).filter(
    (flag) => changed.has(flag) && flags[flag] !== env[variableOf(flag)],
  );
  const typed = Object.fromEntries(asked.map((flag) => [flag, flags[flag]]));
  return ({ input, sealed }: SealedFile): readonly SealedInput[] => {
    if (input.isNamed) {
      const chosen = chooseSealed(
        { name: name || undefined, namespace },
        sealed,
        input.where,
        '--name and -n',
      );
      return inAskedPlace([chosen], namespace, typed);
    }
    if (name === '') throw usageError('a directory needs --name', 'it says which SealedSecrets are meant');
    const meant = sealed.filter(
      ({ sealedSecret: { metadata } }) =>
        metadata.name === name && (!namespace || (metadata.namespace ?? namespace) === namespace),
    );
    return inAskedPlace(meant, namespace, typed);
  };
}

/** Changes targets one by one. A target that fails does not keep the others from being changed. */
export function changeEach(
  changeOf: (target: Target) => Promise<ObjectChange | undefined>,
): (targets: readonly Target[]) => Promise<readonly Outcome[]> {
  return async (targets) => {
    const outcomes: Outcome[] = [];
    for (const target of targets) {
      try {
        outcomes.push(await changeOf(target));
      } catch (error) {
        if (!(error instanceof SealedSecretsError)) throw error;
        outcomes.push(error);
      }
    }
    return outcomes;
  };
}
