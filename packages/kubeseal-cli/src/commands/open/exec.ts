import { join } from 'node:path';
import { isItemName, printable, type Secret } from '@fuin/crypto-core';
import { readChosen } from '../../input/opening/choose.ts';
import { secretOpener } from '../../input/opening/open-secret.ts';
import { type Failure, failureOf, isFailure, throwFailures } from '../../input/tree/failures.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { EXEC_FLAGS } from '../../invocation/flags/open-flags.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { runProgram } from '../../io/child-program.ts';
import { withPrivateDirectory, writePrivately } from '../../io/private-directory.ts';
import { type Signals, withSignals } from '../../io/signals.ts';
import { splitAtEquals } from '../../values/item-argument.ts';
import { openerFor, refuseNoOpener } from '../access/opener.ts';
import { refuseInPipeline } from '../access/plaintext.ts';
import { isDangerous, isVariableName } from './environment-names.ts';
import { type Items, itemsOfAll, textOf } from './formats.ts';

type Given = CommandLine<typeof EXEC_FLAGS>;

/** Names the directory of --files, like systemd does for the credentials of a service. */
const DIRECTORY_VARIABLE = 'CREDENTIALS_DIRECTORY';
/** Linux takes no longer string of the form NAME=VALUE. */
const MAX_VARIABLE_BYTES = 131_071;

/** A value under the name that the program gets it by. */
interface Passed {
  readonly name: string;
  readonly item: string;
  readonly value: Uint8Array;
}

/** Reads a command line of `kubeseal exec` without reading a file. @throws ERR_USAGE */
export function readExec({ flags }: Given): ReadonlyMap<string, string> {
  refuseNoOpener(flags);
  if (flags.files && flags.prefix !== '') throw usageError('--prefix is for variables, not for --files');
  if (flags.prefix !== '' && !isVariableName(flags.prefix))
    throw usageError('--prefix cannot begin the name of a variable');
  const asked = new Map<string, string>();
  for (const word of flags.item) {
    const { key, value: item = key } = splitAtEquals(word);
    const name = `${flags.prefix}${key}`;
    if (flags.files ? !isItemName(key) : !isVariableName(name))
      throw usageError(`--item cannot pass on ${printable(item)} under the name ${printable(name)}`);
    if (asked.has(name)) throw usageError(`--item gives ${name} twice`);
    asked.set(name, item);
  }
  return asked;
}

/**
 * `kubeseal exec PATH... -- PROGRAM`: runs a program with the values of SealedSecrets as variables or private
 * files, and ends with its exit code.
 *
 * @throws ERR_USAGE, ERR_NO_KEY_OPENS_VALUE and the other errors of secretOf
 */
export async function exec(given: Given, world: CommandWorld): Promise<void> {
  const { flags, program = [] } = given;
  const { io, warn } = world;
  const asked = readExec(given);
  refuseInPipeline(flags['allow-ci'], io.env);
  const { items, source } = await openItems(given, world);
  const passed = passedOn(items, asked, flags.prefix);
  const env = flags.files ? undefined : { ...io.env, ...variablesOf(passed, asked, io.env) };
  if (flags.files) refuseFileNames(passed);
  const names = passed.map(({ name }) => name).join(', ') || 'no value';
  warn(`note: ${printable(program[0] ?? '')} gets ${names} from ${source}`);
  const run = (signals: Signals) =>
    env ? runProgram({ program, env }, io, signals) : runWithFiles(program, passed, world, signals);
  world.endWith(await withSignals(run));
}

async function openItems(
  given: Given,
  world: CommandWorld,
): Promise<{ readonly items: Items; readonly source: string }> {
  const { flags, arguments: paths } = given;
  const opener = await openerFor(given, world);
  const opening = secretOpener(opener);
  const secrets: Secret[] = [];
  const failures: Failure[] = [];
  try {
    const choice = { paths, name: flags.name, namespace: flags.namespace, isNeeded: true };
    for await (const input of readChosen(choice, world.io, world.warn)) {
      const secret = isFailure(input) ? input : await failureOf(input.file, () => opening.secretOf(input));
      if (isFailure(secret)) failures.push(secret);
      else secrets.push(secret);
    }
  } finally {
    await opening.close();
  }
  throwFailures(failures);
  return { items: itemsOfAll(secrets), source: opener.source };
}

function passedOn(items: Items, asked: ReadonlyMap<string, string>, prefix: string): Passed[] {
  if (asked.size === 0) return [...items].map(([item, value]) => ({ name: `${prefix}${item}`, item, value }));
  return [...asked].map(([name, item]) => {
    const value = items.get(item);
    if (value === undefined) throw usageError(`no SealedSecret has the item ${printable(item)}`);
    return { name, item, value };
  });
}

/**
 * @throws ERR_USAGE for a variable that the file chose and that could make the program do something else;
 *   ERR_MANIFEST_INVALID for a value that no variable can hold
 */
function variablesOf(
  passed: readonly Passed[],
  asked: ReadonlyMap<string, string>,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const unfit = passed.filter(({ name }) => !isVariableName(name));
  if (unfit.length > 0)
    throw usageError(
      `no variable can have the name ${unfit.map(({ name }) => printable(name)).join(', ')}`,
      'choose items with --item NAME=ITEM, or give --files',
    );
  const isTaken = (name: string) => env[name] !== undefined || isDangerous(name);
  const refused = passed.filter(({ name }) => !asked.has(name) && isTaken(name)).map(({ name }) => name);
  if (refused.length > 0)
    throw usageError(
      `the files would set ${refused.join(', ')}, which is set already or changes what programs do`,
      `if that is meant, say so with --item ${refused[0]}; otherwise give --prefix, or choose with --item NAME=ITEM`,
    );
  return Object.fromEntries(passed.map((each) => [each.name, variableOf(each)]));
}

function variableOf({ name, item, value }: Passed): string {
  const text = textOf(item, value, 'give --files');
  if (text.includes('\0') || name.length + value.length >= MAX_VARIABLE_BYTES)
    throw usageError(`no variable can hold the item ${printable(item)}`, 'give --files');
  return text;
}

function refuseFileNames(passed: readonly Passed[]): void {
  const unfit = passed.filter(({ name }) => !isItemName(name));
  if (unfit.length > 0)
    throw usageError(`no file can have the name ${unfit.map(({ name }) => printable(name)).join(', ')}`);
}

async function runWithFiles(
  program: readonly string[],
  passed: readonly Passed[],
  { io, warn }: Pick<CommandWorld, 'io' | 'warn'>,
  signals: Signals,
): Promise<number> {
  return withPrivateDirectory(io.env, async ({ path, isInMemory }) => {
    if (!isInMemory)
      warn('warning: there is no file system in memory here: the values are on a disk meanwhile');
    for (const { name, value } of passed) writePrivately(join(path, name), value);
    return runProgram({ program, env: { ...io.env, [DIRECTORY_VARIABLE]: path } }, io, signals);
  });
}
