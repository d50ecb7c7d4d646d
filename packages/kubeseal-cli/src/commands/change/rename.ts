import { printable, type SealedSecret, SealedSecretsError } from '@fuin/crypto-core';
import { factsOfValue } from '../../input/sealed-format.ts';
import type { SealedInput } from '../../input/sealed-secrets.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { CHANGE_ITEM_FLAGS } from '../../invocation/flags/command-flags.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { refuseItemName } from '../../values/item-argument.ts';
import { changeTree } from './change-tree.ts';
import { changeEach, chooserOf } from './targets.ts';

type Given = CommandLine<typeof CHANGE_ITEM_FLAGS>;

/** Reads the arguments of `kubeseal unset`. @throws ERR_USAGE */
export function readUnset({ arguments: given }: Given): { files: readonly string[]; item: string } {
  const item = given.at(-1) ?? '';
  refuseItemName(item);
  return { files: given.slice(0, -1), item };
}

/** `kubeseal unset FILE... ITEM`: removes an item. @throws ERR_USAGE, ERR_MANIFEST_INVALID */
export async function unset(given: Given, world: CommandWorld): Promise<void> {
  const { files: paths, item } = readUnset(given);
  const change = changeEach(async (target) => {
    valueIn(target, item);
    adviseOnTemplate(target, item, world.warn);
    const isLast = Object.keys(target.sealedSecret.spec.encryptedData).length === 1;
    const says = `removed ${item}${isLast ? ', the last item' : ''}`;
    return { set: {}, removed: item, items: [{ item, change: 'removed' }], says };
  });
  const choose = chooserOf(given, world.io);
  const work = { paths, doing: 'removing', choose, needs: given.flags.name, change };
  await changeTree(work, given.flags, world);
}

/** Reads the arguments of `kubeseal rename`. @throws ERR_USAGE */
export function readRename({ arguments: given }: Given): {
  files: readonly string[];
  from: string;
  to: string;
} {
  const [from = '', to = ''] = given.slice(-2);
  for (const item of [from, to]) refuseItemName(item);
  if (from === to) throw usageError('both names are the same');
  return { files: given.slice(0, -2), from, to };
}

/**
 * `kubeseal rename FILE... OLD NEW`: the sealed value stays, because the name of the item is no part of what
 * it was sealed for (docs/wire-format.md §2), unless somebody bound it to that (docs/wire-format-v2.md §2).
 *
 * @throws ERR_USAGE, ERR_MANIFEST_INVALID
 */
export async function rename(given: Given, world: CommandWorld): Promise<void> {
  const { files: paths, from, to } = readRename(given);
  const change = changeEach(async (target) => {
    const value = valueIn(target, from);
    const { encryptedData } = target.sealedSecret.spec;
    if (Object.hasOwn(encryptedData, to)) throw invalid(`${target.label} has an item ${to} already`);
    if (factsOfValue(value).bindsItem)
      throw invalid(
        `${target.label}: ${from} is bound to its name, and does not open as ${to}`,
        'kubeseal edit with --recovery-private-key or --from-cluster seals it again under the new name',
      );
    adviseOnTemplate(target, from, world.warn);
    const items = [{ item: to, change: 'renamed', from }] as const;
    return { set: { [to]: value }, removed: from, items, says: `renamed ${from} to ${to}` };
  });
  const choose = chooserOf(given, world.io);
  const work = { paths, doing: 'renaming', choose, needs: given.flags.name, change };
  await changeTree(work, given.flags, world);
}

/** The sealed value of an item. @throws ERR_MANIFEST_INVALID where there is none */
function valueIn({ sealedSecret, label }: SealedInput, item: string): string {
  const { encryptedData } = sealedSecret.spec;
  const value = Object.hasOwn(encryptedData, item) ? encryptedData[item] : undefined;
  if (value !== undefined) return value;
  const names = Object.keys(encryptedData).map(printable);
  throw invalid(
    `${label} has no item ${item}`,
    names.length === 0 ? undefined : `its items are ${names.slice(0, 20).join(', ')}`,
  );
}

/** Warns where a template may need the item that goes. */
function adviseOnTemplate(
  { sealedSecret, label }: SealedInput,
  item: string,
  warn: CommandWorld['warn'],
): void {
  const mentions = templatesOf(sealedSecret).filter((text) =>
    text.split(/[^-\w.]+/).some((word) => word === item || word.endsWith(`.${item}`)),
  );
  if (mentions.length > 0) warn(`warning: ${label}: spec.template.data mentions ${item}`);
}

function templatesOf({ spec }: SealedSecret): string[] {
  return Object.values(spec.template?.data ?? {}).filter((text) => typeof text === 'string');
}

function invalid(message: string, hint?: string): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', message, hint === undefined ? {} : { hint });
}
