import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type Bytes,
  encodeBase64,
  encodeUtf8,
  encryptionLabel,
  printable,
  type Recipient,
  type SealedSecret,
  scopeOf,
} from '@fuin/crypto-core';
import type { SealedInput } from '../input/sealed-secrets.ts';
import { adviseOnNamespace } from '../input/secrets.ts';
import type { CommandLine, CommandWorld } from '../invocation/command.ts';
import type { SET_FLAGS } from '../invocation/flags-commands.ts';
import { type Sealing, sealingOf } from '../invocation/invocation.ts';
import { usageError } from '../invocation/usage-error.ts';
import type { Io } from '../io/io.ts';
import { adviseOnHistory, adviseOnLineEnd } from '../values/advice.ts';
import { parseGenerator } from '../values/generators.ts';
import { ValueInputs } from '../values/inputs.ts';
import { type ItemArgument, parseItemArgument } from '../values/item-argument.ts';
import { refuseTooMuch, valueOfArgument } from '../values/sources.ts';
import { openSealingKey } from './certificate.ts';
import { changeFiles, type ItemChange } from './change-files.ts';

type Given = CommandLine<typeof SET_FLAGS>;

/** Stands for a sealed value in a dry run, which needs neither value nor certificate. */
const ANY_TEXT = 'AA==';

/** What a command line of `kubeseal set` stands for. */
interface Setting {
  readonly files: readonly string[];
  readonly argument: ItemArgument;
  /** Makes the value at random, where that is asked for. */
  readonly generate: (() => string) | undefined;
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
  const { files, argument } = setting;
  const { item } = argument;
  if (given.flags['dry-run']) {
    await changeFiles(files, given, world, async ({ sealedSecret }) =>
      changeTo(sealedSecret, item, ANY_TEXT),
    );
    return;
  }
  const { io, warns, warn } = world;
  const sealing = sealingOf(given, world);
  const recipient = await openSealingKey(sealing);
  adviseOnHistory(given.arguments.slice(-1), io.stderr.isTty, warn);
  const value = await readValue(setting, given.flags['from-file'], io);
  refuseTooMuch(value.length, item);
  adviseOnLineEnd(item, value, warn);
  if (warns) await (await import('./controller.ts')).noteCertificate(recipient, sealing);
  await changeFiles(files, given, world, async (target) =>
    changeTo(target.sealedSecret, item, await sealFor(target, value, recipient, sealing)),
  );
}

async function readValue(
  { argument, generate }: Setting,
  file: string,
  io: Pick<Io, 'cwd' | 'stdin'>,
): Promise<Bytes> {
  const { item, from } = argument;
  const inputs = new ValueInputs(io);
  if (generate) return encodeUtf8(generate());
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

/** Seals a value for the place of a SealedSecret. @throws ERR_USAGE where the namespace is missing */
async function sealFor(
  { sealedSecret: { metadata }, label }: SealedInput,
  value: Bytes,
  recipient: Recipient,
  { kubeconfig, warn }: Sealing,
): Promise<string> {
  const scope = scopeOf(metadata.annotations);
  const { name = '', namespace: own = '' } = metadata;
  if (scope === 'strict' && name === '') throw usageError(`${label} has no name`);
  const namespace = own || (scope === 'cluster-wide' ? '' : await kubeconfig.namespace().catch(() => ''));
  if (scope !== 'cluster-wide' && namespace === '') throw usageError(`${label} has no namespace`, 'give -n');
  if (own === '' && scope !== 'cluster-wide') adviseOnNamespace(namespace, label, warn);
  return encodeBase64(await recipient.seal(value, encryptionLabel(scope, namespace, name)));
}

/** A mistyped name adds an item instead of changing one, so what was there is named then. */
function changeTo({ spec }: SealedSecret, item: string, text: string): ItemChange {
  const names = Object.keys(spec.encryptedData);
  const beside = names.length === 0 ? '' : ` beside ${names.map(printable).join(', ')}`;
  return { set: { [item]: text }, says: names.includes(item) ? `changed ${item}` : `added ${item}${beside}` };
}
