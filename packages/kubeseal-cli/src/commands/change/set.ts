import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Bytes, encodeUtf8, printable, type SealedSecret } from '@fuin/crypto-core';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { SET_FLAGS } from '../../invocation/flags/command-flags.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { isStream } from '../../io/files.ts';
import type { Io } from '../../io/io.ts';
import { ANY_SEALED } from '../../output/diff.ts';
import { adviseOnHistory, adviseOnLineEnd } from '../../values/advice.ts';
import { parseGenerator } from '../../values/generators.ts';
import { ValueInputs } from '../../values/inputs.ts';
import { type ItemArgument, parseItemArgument } from '../../values/item-argument.ts';
import { refuseTooMuch, valueOfArgument } from '../../values/sources.ts';
import { sealFor } from '../access/seal-value.ts';
import { sealerOf } from '../access/sealer.ts';
import { changeTree, type ObjectChange } from './change-tree.ts';
import { changeEach, chooserOf } from './targets.ts';

type Given = CommandLine<typeof SET_FLAGS>;

/** What a command line of `kubeseal set` stands for. */
interface Setting {
  readonly files: readonly string[];
  readonly argument: ItemArgument;
  /** Makes the value at random, where that is asked for. */
  readonly generate: ReturnType<typeof parseGenerator> | undefined;
}

/** Reads a command line of `kubeseal set` without reading a file. @throws ERR_USAGE */
export function readSet({ flags, arguments: given }: Given): Setting {
  const argument = parseItemArgument(given.at(-1) ?? '');
  const sources = [argument.from !== 'prompt', flags['from-file'] !== '', flags.generate !== ''];
  if (sources.filter((isGiven) => isGiven).length > 1)
    throw usageError('the value is given twice', 'give one of ITEM=VALUE, --from-file and --generate');
  return {
    files: given.slice(0, -1),
    argument,
    generate: flags.generate === '' ? undefined : parseGenerator(flags.generate),
  };
}

/**
 * `kubeseal set FILE... ITEM[=VALUE]`: seals one value for the SealedSecret of each file, with the name,
 * namespace and scope of that file.
 *
 * @throws ERR_USAGE, ERR_MANIFEST_INVALID, and the errors of openSealingKey
 */
export async function set(given: Given, world: CommandWorld): Promise<void> {
  const setting = readSet(given);
  const { files: paths, argument } = setting;
  const { item } = argument;
  const work = { paths, doing: 'setting', choose: chooserOf(given, world.io), needs: given.flags.name };
  if (given.flags['dry-run']) {
    const change = changeEach(async ({ sealedSecret }) => changeTo(sealedSecret, item, ANY_SEALED));
    await changeTree({ ...work, change }, given.flags, world);
    return;
  }
  refuseTwoStdins(setting, given.flags['from-file']);
  const { io, warn } = world;
  const sealer = sealerOf(given, world);
  await sealer.check(paths);
  adviseOnHistory(given.arguments.slice(-1), io.stderr.isTty, warn);
  const value = await readValue(setting, given.flags['from-file'], io);
  refuseTooMuch(value.length, item);
  adviseOnLineEnd(item, value, warn);
  const change = changeEach(async (target) => {
    const { text, sealedWith } = await sealFor(target, { item, value }, sealer, warn);
    const changed = changeTo(target.sealedSecret, item, text);
    return given.flags['no-note'] ? changed : { ...changed, sealedWith };
  });
  await changeTree({ ...work, change }, given.flags, world);
}

/** @throws ERR_USAGE where both the manifest and the value come from stdin */
function refuseTwoStdins({ files, argument: { from }, generate }: Setting, file: string): void {
  if (!files.some(isStream) || generate !== undefined) return;
  if (file === '' ? from === 'prompt' : isStream(file))
    throw usageError(
      'the manifest and the value both come from stdin',
      'give the value with --from-file FILE',
    );
}

async function readValue(
  { argument, generate }: Setting,
  file: string,
  io: Pick<Io, 'cwd' | 'stdin'>,
): Promise<Bytes> {
  const { item, from } = argument;
  const inputs = new ValueInputs(io);
  if (generate) return encodeUtf8(await generate());
  if (file !== '') return inputs.bytes(file, 'from-file');
  if (from !== 'prompt') return valueOfArgument(argument, inputs);
  if (/\.(?:ya?ml|json)$/.test(item) && existsSync(resolve(io.cwd, item)))
    throw usageError(
      `${item} is a file, and the last argument must be an item`,
      `give ${item}=@- for an item of that name`,
    );
  if (io.stdin.isTty) return inputs.typed(item);
  const value = await inputs.bytes('-');
  if (value.length === 0)
    throw usageError(`the value of ${item} is empty`, `give ${item}= for an empty value`);
  return value;
}

/** A mistyped name adds an item instead of changing one, so what was there is named then. */
export function changeTo({ spec }: SealedSecret, item: string, text: string): ObjectChange {
  const names = Object.keys(spec.encryptedData);
  const isThere = names.includes(item);
  const beside = names.length === 0 ? '' : ` beside ${names.map(printable).join(', ')}`;
  return {
    set: { [item]: text },
    items: [{ item, change: isThere ? 'changed' : 'added' }],
    says: isThere ? `changed ${item}` : `added ${item}${beside}`,
  };
}
