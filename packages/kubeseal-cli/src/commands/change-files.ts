import { SealedSecretsError } from '@fuin/crypto-core';
import { inAskedPlace } from '../input/asked-place.ts';
import {
  chooseSealed,
  openSealedSecrets,
  refuseLegacyData,
  type SealedInput,
} from '../input/sealed-secrets.ts';
import type { CommandLine, CommandWorld } from '../invocation/command.ts';
import type { CHANGE_ITEM_FLAGS } from '../invocation/flags-commands.ts';
import { variableOf } from '../invocation/options.ts';
import { readInput } from '../io/files.ts';
import { atomicWrite } from '../output/atomic-write.ts';

/** What a command does to the items of one SealedSecret. */
export interface ItemChange {
  /** New sealed values by item. */
  readonly set: Readonly<Record<string, string>>;
  /** The item to remove. */
  readonly removed?: string;
  /** What stderr says, such as `added password`. */
  readonly says: string;
}

type Given = Pick<CommandLine<typeof CHANGE_ITEM_FLAGS>, 'flags' | 'changed'>;

/**
 * Changes one SealedSecret in each file, and goes on after a file that cannot be changed. That file stays as
 * it was.
 *
 * @throws SealedSecretsError at the end, with the reasons of all files that failed
 */
export async function changeFiles(
  files: readonly string[],
  given: Given,
  world: Pick<CommandWorld, 'io' | 'warn'>,
  changeOf: (target: SealedInput) => Promise<ItemChange>,
): Promise<void> {
  const failures: { readonly file: string; readonly error: SealedSecretsError }[] = [];
  for (const file of files) {
    try {
      await changeFile(file, given, world, changeOf);
    } catch (error) {
      if (!(error instanceof SealedSecretsError)) throw error;
      failures.push({ file, error });
    }
  }
  const [first] = failures;
  if (!first) return;
  const messages = failures.map(({ file, error: { message } }) =>
    message.includes(file) ? message : `${file}: ${message}`,
  );
  const hints = new Set(failures.flatMap(({ error: { hint } }) => (hint === undefined ? [] : [hint])));
  const hint = [...hints].join('\n');
  throw new SealedSecretsError(first.error.code, messages.join('\nerror: '), hint === '' ? {} : { hint });
}

async function changeFile(
  name: string,
  { flags, changed }: Given,
  { io, warn }: Pick<CommandWorld, 'io' | 'warn'>,
  changeOf: (target: SealedInput) => Promise<ItemChange>,
): Promise<void> {
  const bytes = await readInput(io.cwd, name);
  const { file, sealed } = await openSealedSecrets({ bytes, where: name }, warn);
  const chosen = chooseSealed(
    { name: flags.name || undefined, namespace: flags.namespace },
    sealed,
    name,
    '--name and -n',
  );
  refuseLegacyData([chosen]);
  const asked = (['namespace', 'name'] as const).filter(
    (flag) => changed.has(flag) && flags[flag] !== io.env[variableOf(flag)],
  );
  const typed = Object.fromEntries(asked.map((flag) => [flag, flags[flag]]));
  const [target = chosen] = inAskedPlace([chosen], flags.namespace, typed);
  const { set, removed, says } = await changeOf(target);
  const { index: document, path } = target.document;
  const pathTo = (item: string) => [...path, 'spec', 'encryptedData', item];
  const content = await file.rewrite([
    ...(removed === undefined ? [] : [{ document, path: pathTo(removed), remove: true as const }]),
    ...Object.entries(set).map(([item, text]) => ({ document, path: pathTo(item), text })),
  ]);
  if (!flags['dry-run']) await atomicWrite(io.cwd, name, content);
  const { metadata } = target.sealedSecret;
  const place = [metadata.namespace, metadata.name].filter((part) => part).join('/');
  warn(`note: ${name}: ${flags['dry-run'] ? 'would have ' : ''}${says} (${place})`);
}
