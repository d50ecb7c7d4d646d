import { SealedSecretsError, scopeOf } from '@fuin/crypto-core';
import { inAskedPlace } from '../../input/asked-place.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { RE_ENCRYPT_FLAGS } from '../../invocation/flags/tree-flags.ts';
import { variableOf } from '../../invocation/options.ts';
import { type Controllers, controllersOf } from '../access/controllers.ts';
import { type Sealer, sealerOf } from '../access/sealer.ts';
import type { Outcome, Target } from './change-file.ts';
import { changeTree, type TreeChange } from './change-tree.ts';
import { clusterResealer, keyResealer, type Resealer } from './resealers.ts';

type Given = CommandLine<typeof RE_ENCRYPT_FLAGS>;

/**
 * `kubeseal re-encrypt PATH...`: seals items again that older keys sealed, for the certificate with
 * --recovery-private-key, else through the controller. Items of the newest key stay byte for byte, so a run
 * that was interrupted is continued by the next one.
 *
 * @throws ERR_FINDINGS with --check where an item is stale, and the errors of changeTree
 */
export async function reEncrypt(given: Given, world: CommandWorld): Promise<void> {
  const { flags, arguments: paths, changed } = given;
  const { io } = world;
  const sealer = sealerOf(given, { ...world, warns: world.warns && !flags.check });
  const controllers = flags['recovery-private-key'].length > 0 ? undefined : controllersOf(sealer);
  const isTyped = changed.has('namespace') && flags.namespace !== io.env[variableOf('namespace')];
  const typed = isTyped ? { namespace: flags.namespace } : {};
  try {
    const resealer = await openResealer(given, { sealer, controllers }, world);
    const work: TreeChange = {
      paths,
      doing: flags.check ? 'checking' : 're-encrypting',
      choose: ({ sealed }) => inAskedPlace(sealed, flags.namespace, typed),
      change: async (targets) => resealer.reseal(await inTheirNamespaces(targets, sealer)),
      batch: resealer.batch,
      batchesAtOnce: resealer.batchesAtOnce,
      isCheck: flags.check,
    };
    const isDryRun = flags['dry-run'] || flags.check;
    const tally = await changeTree(work, { ...flags, 'dry-run': isDryRun }, world);
    resealer.settle();
    if (flags.check && tally.changed > 0)
      throw new SealedSecretsError(
        'ERR_FINDINGS',
        `${tally.changed} of ${tally.total} SealedSecrets have items that an older key sealed`,
        { hint: 'kubeseal re-encrypt seals them again' },
      );
  } finally {
    await controllers?.close();
  }
}

interface Access {
  readonly sealer: Sealer;
  readonly controllers: Controllers | undefined;
}

async function openResealer(
  { flags, arguments: paths }: Given,
  { sealer, controllers }: Access,
  { io, warn }: CommandWorld,
): Promise<Resealer> {
  if (controllers) return warningResealer(controllers, flags.check, warn);
  const { FOR_MANY_VALUES, readRecoveryKeys } = await import('../../input/recovery-keys.ts');
  const keyRing = await readRecoveryKeys(io.cwd, flags['recovery-private-key'], FOR_MANY_VALUES);
  await sealer.check(paths);
  return keyResealer(keyRing, sealer);
}

/**
 * A controller without bulk requests seals every item again, current or not. Then a check would find that
 * everything is stale.
 */
function warningResealer(controllers: Controllers, isCheck: boolean, warn: CommandWorld['warn']): Resealer {
  const resealer = clusterResealer(controllers);
  let hasWarned = false;
  return {
    ...resealer,
    reseal: async (targets) => {
      const outcomes: readonly Outcome[] = await resealer.reseal(targets);
      const asked = targets.map(({ file }) => controllers.controllerFor(file).catch(() => undefined));
      if (!(await Promise.all(asked)).some((each) => each?.leavesCurrentItems === false)) return outcomes;
      if (isCheck)
        throw new SealedSecretsError(
          'ERR_API_REJECTED',
          'this controller does not tell which items are stale',
          {
            hint: 'give --recovery-private-key and --cert, or compare with kubeseal inspect',
          },
        );
      if (!hasWarned)
        warn('warning: this controller does not tell which items are stale: every item is sealed again');
      hasWarned = true;
      return outcomes;
    },
  };
}

/** The same targets, in the namespace of the kubeconfig if a file names none. */
function inTheirNamespaces(targets: readonly Target[], sealer: Sealer): Promise<Target[]> {
  return Promise.all(
    targets.map(async (target) => {
      const { metadata } = target.sealedSecret;
      if (metadata.namespace || scopeOf(metadata.annotations) === 'cluster-wide') return target;
      const [placed] = inAskedPlace([target], await sealer.namespaceFor(target.file), {});
      return { ...target, ...placed };
    }),
  );
}
