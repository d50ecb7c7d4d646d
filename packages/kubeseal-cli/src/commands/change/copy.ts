import { isNamespaceName, printable, SealedSecretsError } from '@fuin/crypto-core';
import { openLists, readManifests, SECRET_SHAPE } from '@fuin/manifests';
import { keptNote } from '@fuin/manifests/note-edits';
import { inAskedPlace } from '../../input/asked-place.ts';
import type { OpenedValues, Opener } from '../../input/opening/opener.ts';
import { presentFormat } from '../../input/sealed-format.ts';
import type { TreeFile } from '../../input/tree/tree.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { COPY_FLAGS } from '../../invocation/flags/command-flags.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { isStream } from '../../io/files.ts';
import { writeNew } from '../../output/atomic-write.ts';
import { ANY_SEALED } from '../../output/diff.ts';
import { isTyped, withoutSource } from '../access/cluster-sealing.ts';
import { canOpen, openerOf } from '../access/opener.ts';
import { sealAgain } from '../access/seal-value.ts';
import { type Sealer, sealerOf } from '../access/sealer.ts';
import { changeTree, type ObjectChange, type Target } from './change-tree.ts';
import { leadsOut, Mover, type Places, placesOf, refuseTaken } from './copy-places.ts';
import { changeEach } from './targets.ts';

type Given = CommandLine<typeof COPY_FLAGS>;

/** Checks a command line of `kubeseal copy` without reading a file. @throws ERR_USAGE */
export async function checkCopy({ flags, arguments: given }: Given): Promise<void> {
  if (given.some(isStream)) throw usageError('copy needs names of files or directories, not -');
  const namespace = flags['to-namespace'];
  if (namespace !== '' && !isNamespaceName(namespace))
    throw usageError('--to-namespace is not the name of a namespace');
  if (!canOpen(flags) && !flags['dry-run'])
    throw usageError(
      'nothing is given that opens the values',
      'give --recovery-private-key FILE, or --from-cluster where you may read the Secrets',
    );
}

/**
 * `kubeseal copy SRC DST`: seals the SealedSecrets of a file or tree for the cluster of DST. Names,
 * namespaces (without --to-namespace), scopes, comments and every other byte stay. A file of which one item
 * cannot be opened is not copied.
 *
 * @throws ERR_USAGE, ERR_NO_KEY_OPENS_VALUE, and the errors of openSealingKey
 */
export async function copy(given: Given, world: CommandWorld): Promise<void> {
  const { flags } = given;
  const place = placesOf(given.arguments, world.io.cwd);
  const sealer = sealerOf(withoutSource(given), world);
  const isNamed = isTyped('cert', given, world.io) || flags.recipient.length > 0;
  const work = {
    paths: [place.source],
    doing: 'copying',
    fileFor: place.fileFor,
    choose: ({ input, sealed }: { input: TreeFile; sealed: Parameters<typeof inAskedPlace>[0] }) => {
      refuseTaken(place, place.fileFor(input), flags.force, world.io.cwd);
      return inAskedPlace(sealed, flags.namespace, {});
    },
    passOver: (input: TreeFile) => copyOther(input, place, given, world),
  };
  const mover = new Mover(flags['to-namespace'], world.warn);
  const check = async (target: Target, file: string) => {
    const rule = await sealer.ruleFor(file);
    mover.check(target, file, rule);
    if (!isNamed && rule === undefined && flags.for === '')
      throw usageError(
        `nothing says for which cluster ${file} is`,
        'write a rule into .kubeseal.yaml, or give --cert, --recipient or --for',
      );
  };
  if (flags['dry-run']) {
    const change = changeEach(async (target) => {
      await check(target, place.fileFor({ where: target.file }));
      const items = Object.keys(target.sealedSecret.spec.encryptedData);
      const sealed = items.map((item) => [item, ANY_SEALED] as const);
      return { ...changeTo(target, sealed), ...mover.move };
    });
    await changeTree({ ...work, change }, flags, world);
    return;
  }
  const opener = await openerOf(flags, await sourceOf(given, world));
  try {
    const change = changeEach(async (target) => {
      const file = place.fileFor({ where: target.file });
      await check(target, file);
      const { sealed, sealedWith } = await sealAll(target, mover, { file, opener, sealer });
      return { ...changeTo(target, sealed), ...mover.move, ...keptNote(target, sealedWith) };
    });
    await changeTree({ ...work, change }, flags, world);
  } finally {
    await opener.close();
  }
}

async function sourceOf(given: Given, world: CommandWorld) {
  const { connectionOf } = await import('../../invocation/invocation.ts');
  return connectionOf(given, world);
}

/** The items, sealed for the cluster of a file. @throws ERR_NO_KEY_OPENS_VALUE where one stays closed */
async function sealAll(
  target: Target,
  mover: Mover,
  { file, opener, sealer }: { readonly file: string; readonly opener: Opener; readonly sealer: Sealer },
): Promise<{ sealed: (readonly [item: string, sealed: string])[]; sealedWith: string }> {
  const terms = await sealer.formatFor(file);
  const format = terms.asked ?? presentFormat(target.sealedSecret);
  const recipient = await sealer.recipientFor(file, format);
  const mayDowngrade = terms.isTyped && format === 'v1';
  const { values, closed } = await opener.open(target);
  if (closed.size > 0) throw closedError(target, closed, opener);
  const moved = mover.moved(target);
  const sealed: [string, string][] = [];
  for (const [item, value] of values)
    sealed.push([item, await sealAgain(moved, { item, value }, { recipient, terms, mayDowngrade })]);
  return { sealed, sealedWith: recipient.id };
}

function closedError(
  { label }: Target,
  closed: OpenedValues['closed'],
  { source }: Opener,
): SealedSecretsError {
  const reasons = [...closed].slice(0, 20).map(([item, reason]) => `${printable(item)}: ${reason}`);
  return new SealedSecretsError(
    'ERR_NO_KEY_OPENS_VALUE',
    `${label} cannot be opened with ${source}: ${reasons.join('; ')}`,
    { hint: 'the file is not copied; give the keys of its cluster, or --from-cluster with its --context' },
  );
}

function changeTo(
  { file }: Target,
  sealed: readonly (readonly [item: string, text: string])[],
): ObjectChange {
  const items = sealed.map(([item]) => ({ item, change: 'copied' as const }));
  const names = sealed.map(([item]) => printable(item)).join(', ');
  return { set: Object.fromEntries(sealed), items, says: `copied ${names || 'no items'} from ${file}` };
}

/** Copies a file without SealedSecrets, if that is asked for. */
async function copyOther(
  input: TreeFile,
  place: Places,
  { flags }: Given,
  world: CommandWorld,
): Promise<void> {
  if (!flags['with-others']) return;
  const to = place.fileFor(input);
  if (leadsOut(place, input, world.io.cwd))
    return world.warn(`warning: ${input.where} is a link out of ${place.source} and is not copied`);
  if (await holdsPlainSecret(input))
    return world.warn(`warning: ${input.where} holds a Secret in the clear and is not copied`);
  refuseTaken(place, to, flags.force, world.io.cwd);
  if (!flags['dry-run']) await writeNew(world.io.cwd, to, input.bytes);
  world.warn(`note: ${to}: ${flags['dry-run'] ? 'would have ' : ''}copied ${input.where} as it is`);
}

/** Whether a manifest is a Secret. A file that cannot be read (a template of Helm) is none. */
async function holdsPlainSecret({ bytes, where }: TreeFile): Promise<boolean> {
  try {
    const { documents } = await readManifests(bytes, where, SECRET_SHAPE);
    return openLists(documents).some(({ value }) => value['kind'] === 'Secret');
  } catch (error) {
    if (error instanceof SealedSecretsError) return false;
    throw error;
  }
}
