import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { SealedSecretsError, scopeOf } from '@fuin/crypto-core';
import { keptNote } from '@fuin/manifests/note-edits';
import { objectName } from '../../input/object-name.ts';
import type { OpenedValues } from '../../input/opening/opener.ts';
import type { SealedFile } from '../../input/sealed-files.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { EDIT_FLAGS } from '../../invocation/flags/open-flags.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { isStream } from '../../io/files.ts';
import { canOpen, openerFor } from '../access/opener.ts';
import { sealFor } from '../access/seal-value.ts';
import { type Sealer, sealerOf } from '../access/sealer.ts';
import { changeTree, type ObjectChange, type Target } from '../change/change-tree.ts';
import { changeEach, chooserOf } from '../change/targets.ts';
import { bufferOf, readBuffer } from './edit-buffer.ts';
import { compareItems, type EditedItems } from './edited-items.ts';
import { editorOf, editText } from './editor.ts';

type Given = CommandLine<typeof EDIT_FLAGS>;

/** Reads a command line of `kubeseal edit` without reading a file. @throws ERR_USAGE */
export function readEdit({ flags, arguments: [file = ''] }: Given): string {
  canOpen(flags);
  if (isStream(file)) throw usageError('an editor needs a file, not stdin');
  return file;
}

/**
 * `kubeseal edit FILE`: lets a person edit the items of a SealedSecret. Items that stay the same keep their
 * sealed values byte for byte.
 *
 * @throws ERR_USAGE, ERR_MANIFEST_INVALID, ERR_CONFLICT, and the errors of openSealingKey and of openers
 */
export async function edit(given: Given, world: CommandWorld): Promise<void> {
  const { io } = world;
  const path = readEdit(given);
  const editor = editorOf(io);
  const sealer = sealerOf(given, world);
  await sealer.check([path]);
  const choose = chooserOf(given, io);
  let bytes: Uint8Array | undefined;
  const work = {
    paths: [path],
    doing: undefined,
    choose: (file: SealedFile) => {
      if (!file.input.isNamed) throw usageError(`${path} is a directory, and an editor needs a file`);
      bytes = file.input.bytes;
      return choose(file);
    },
    change: changeEach(async (target) => {
      const change = await editTarget(target, { given, world, editor, sealer });
      if (change) refuseChangedFile(target.file, bytes, io.cwd);
      return change;
    }),
  };
  await changeTree(work, given.flags, world);
}

interface Editing {
  readonly given: Given;
  readonly world: CommandWorld;
  readonly editor: string;
  readonly sealer: Sealer;
}

async function editTarget(
  target: Target,
  { given, world, editor, sealer }: Editing,
): Promise<ObjectChange | undefined> {
  const { sealedSecret, file } = target;
  const { metadata, spec } = sealedSecret;
  const opened = await openedValues(target, given, world);
  const title = `${objectName(metadata)} in ${file} (${scopeOf(metadata.annotations)})`;
  const text = bufferOf(title, Object.keys(spec.encryptedData), opened);
  const edited = await editText(text, editor, world, (after) => {
    const items = readBuffer(after);
    const versions = { sealed: spec.encryptedData, shown: opened.values, edited: items };
    return items.size === 0 ? undefined : compareItems(versions);
  });
  if (!edited || edited.items.length === 0) {
    world.warn(
      `note: ${file}: nothing was changed; an editor that returns at once needs a flag such as --wait`,
    );
    return undefined;
  }
  const set = new Map(Object.entries(edited.kept));
  let key: string | undefined;
  for (const [item, value] of edited.toSeal) {
    const from = edited.items.find((each) => each.item === item)?.from;
    const fresh = { item, from, value: new Uint8Array(value) };
    const { text: sealed, sealedWith } = await sealFor(target, fresh, sealer, world.warn);
    set.set(item, sealed);
    key = sealedWith;
  }
  const note = key === undefined ? {} : keptNote(target, key);
  return {
    set: Object.fromEntries(set),
    removed: edited.removed,
    items: edited.items,
    says: saying(edited),
    ...note,
  };
}

async function openedValues(target: Target, given: Given, world: CommandWorld): Promise<OpenedValues> {
  if (!canOpen(given.flags)) return { values: new Map(), closed: new Map() };
  const opener = await openerFor(given, world);
  try {
    return await opener.open(target);
  } finally {
    await opener.close();
  }
}

/** @throws ERR_CONFLICT where something else wrote the file while the editor was open */
function refuseChangedFile(file: string, before: Uint8Array | undefined, cwd: string): void {
  let now: Uint8Array | undefined;
  try {
    now = readFileSync(resolve(cwd, file));
  } catch {
    now = undefined;
  }
  if (before && now && Buffer.compare(before, now) === 0) return;
  throw new SealedSecretsError(
    'ERR_CONFLICT',
    `${file} was changed while the editor was open; it stays as it is`,
    {
      hint: 'edit it again',
    },
  );
}

/** `changed password, added user, renamed a to b`. */
function saying({ items }: EditedItems): string {
  return items
    .map(({ item, change, from }) =>
      from === undefined ? `${change} ${item}` : `renamed ${from} to ${item}`,
    )
    .join(', ');
}
