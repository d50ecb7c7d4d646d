import { SealedSecretsError, scopeOf } from '@fuin/crypto-core';
import { inAskedPlace } from '../../input/asked-place.ts';
import type { Opener } from '../../input/opening/opener.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { RE_ENCRYPT_FLAGS } from '../../invocation/flags/tree-flags.ts';
import { variableOf } from '../../invocation/options.ts';
import { usageError } from '../../invocation/usage-error.ts';
import type { Tally } from '../../output/changes.ts';
import { type Controllers, controllersOf } from '../access/controllers.ts';
import { canOpen, openerFor, refuseNoOpener } from '../access/opener.ts';
import { type Sealer, sealerOf } from '../access/sealer.ts';
import type { Outcome, Target } from './change-file.ts';
import { changeTree, type TreeChange } from './change-tree.ts';
import { clusterResealer, keyResealer, type Resealer } from './resealers.ts';

type Given = CommandLine<typeof RE_ENCRYPT_FLAGS>;

/** Checks a command line of `kubeseal re-encrypt` without reading a file. @throws ERR_USAGE */
export async function checkReEncrypt({ flags, changed }: Given): Promise<void> {
  const { to } = flags;
  if (to !== '' && to !== 'v1' && to !== 'v2') throw usageError('--to is neither v1 nor v2');
  const hasOpener = canOpen(flags);
  const opens = to !== '' && !flags.check && !flags['dry-run'];
  if (opens && !hasOpener) refuseNoOpener(flags);
  if (to === '' && flags['from-cluster'])
    throw usageError(
      '--from-cluster needs --to',
      'without --to the controller seals again, and nobody sees values',
    );
  if (to === 'v2') return;
  const flag = (['recipient', 'expires', 'bind-item'] as const).find((each) => changed.has(each));
  if (flag !== undefined) throw usageError(`--${flag} needs --to v2`);
}

/**
 * `kubeseal re-encrypt PATH...`: seals items again that older keys sealed, for the certificate with
 * --recovery-private-key, else through the controller. Each keeps its format, unless --to names one. Items of
 * the newest key stay byte for byte, so a run that was interrupted is continued by the next one.
 *
 * @throws ERR_FINDINGS with --check where an item is stale, and the errors of changeTree
 */
export async function reEncrypt(given: Given, world: CommandWorld): Promise<void> {
  const { flags, arguments: paths, changed } = given;
  const { io } = world;
  const sealer = sealerOf(inFormat(given), { ...world, warns: world.warns && !flags.check });
  const isDryRun = flags['dry-run'] || flags.check;
  const isOfController = flags.to === '' && flags['recovery-private-key'].length === 0;
  const controllers = isOfController ? controllersOf(sealer) : undefined;
  const isTyped = changed.has('namespace') && flags.namespace !== io.env[variableOf('namespace')];
  const typed = isTyped ? { namespace: flags.namespace } : {};
  const opener = flags.to === '' || isDryRun ? undefined : await openerFor(given, world);
  try {
    const resealer = await openResealer(given, { sealer, controllers, opener }, world);
    const work: TreeChange = {
      paths,
      doing: flags.check ? 'checking' : 're-encrypting',
      choose: ({ sealed }) => inAskedPlace(sealed, flags.namespace, typed),
      change: async (targets) => resealer.reseal(await inTheirNamespaces(targets, sealer)),
      batch: resealer.batch,
      batchesAtOnce: resealer.batchesAtOnce,
      isCheck: flags.check,
    };
    const tally = await changeTree(work, { ...flags, 'dry-run': isDryRun }, world);
    resealer.settle();
    if (flags.check && tally.changed > 0) throw staleItems(tally, flags.to);
  } finally {
    await controllers?.close();
    await opener?.close();
  }
}

function staleItems({ changed, total }: Tally, to: string): SealedSecretsError {
  const what =
    to === ''
      ? 'have items that an older key sealed'
      : `have items that are not of format ${to}, or not for its recipients`;
  return new SealedSecretsError('ERR_FINDINGS', `${changed} of ${total} SealedSecrets ${what}`, {
    hint: 'kubeseal re-encrypt seals them again',
  });
}

/** --to is to this command what --format-version is to others: typed, and so the format that counts. */
function inFormat({ flags, changed, ...rest }: Given) {
  if (flags.to === '') return { flags, changed, ...rest };
  const version = flags.to === 'v2' ? ('2' as const) : ('1' as const);
  return {
    ...rest,
    flags: { ...flags, 'format-version': version },
    changed: new Set([...changed, 'format-version']),
  };
}

interface Access {
  readonly sealer: Sealer;
  readonly controllers: Controllers | undefined;
  readonly opener: Opener | undefined;
}

async function openResealer(
  { flags, arguments: paths }: Given,
  { sealer, controllers, opener }: Access,
  { io, warn }: CommandWorld,
): Promise<Resealer> {
  if (flags.to === 'v1' || flags.to === 'v2') {
    if (flags.to === 'v1')
      warn(
        'warning: format v1 can be opened by a quantum computer of later years, and keeps no expiry and no binding to an item',
      );
    await sealer.check(paths);
    return (await import('./convert.ts')).convertingResealer({ to: flags.to, sealer, opener });
  }
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
