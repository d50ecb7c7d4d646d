import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { printable, type Secret, visible } from '@fuin/crypto-core';
import { formatManifest, orderSecret } from '@fuin/manifests';
import { decodeStrictly } from '@fuin/manifests/text-encoding';
import { type ChosenInput, readChosen } from '../../input/opening/choose.ts';
import { type SecretOpener, secretOpener } from '../../input/opening/open-secret.ts';
import { type Failure, failureOf, isFailure, throwFailures } from '../../input/tree/failures.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { UNSEAL_FLAGS } from '../../invocation/flags/open-flags.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { isStream } from '../../io/files.ts';
import { checkWritable } from '../../output/atomic-write.ts';
import { writeOutput } from '../../output/output.ts';
import { withProgress } from '../../output/progress.ts';
import { openerFor, refuseNoOpener } from '../access/opener.ts';
import { refuseInPipeline } from '../access/plaintext.ts';
import { dotenv, flatJson, itemsOfAll } from './formats.ts';

type Given = CommandLine<typeof UNSEAL_FLAGS>;
type OutputFormat = Given['flags']['format'];

/** Reads a command line of `kubeseal unseal` without reading a file. @throws ERR_USAGE */
export function readUnseal({ flags, changed }: Given): OutputFormat {
  const { item, format, 'output-file': file, force } = flags;
  refuseNoOpener(flags);
  const isFile = file !== '' && !isStream(file);
  if (force && !isFile) throw usageError('--force needs --output-file');
  if (changed.has('format')) {
    if (item !== '') throw usageError('--item prints a bare value, so --format cannot be given');
    return format;
  }
  if (/\.json$/.test(file)) return 'json';
  return /(?:^|\/)\.env[^/]*$|\.env$/.test(file) ? 'dotenv' : format;
}

/**
 * `kubeseal unseal PATH...`: prints the Secrets of SealedSecrets, their items, or one value.
 *
 * @throws ERR_USAGE, ERR_NO_KEY_OPENS_VALUE and the other errors of secretOf
 */
export async function unseal(given: Given, world: CommandWorld): Promise<void> {
  const { flags, arguments: paths } = given;
  const { io, warn } = world;
  const format = readUnseal(given);
  refuseInPipeline(flags['allow-ci'], io.env);
  await refuseOutput(flags['output-file'], flags.force, io.cwd);
  const opener = await openerFor(given, world);
  const secrets = secretOpener(opener);
  try {
    const inputs = readChosen(
      { paths, name: flags.name, namespace: flags.namespace, isNeeded: true },
      io,
      warn,
    );
    const run: Run = { secrets, inputs, flags, world };
    if (flags.item !== '') await printItem(run);
    else if (format === 'yaml' || format === 'json') await printSecrets(run, format);
    else await printItems(run, format);
    const target = flags['output-file'];
    const where = target === '' || isStream(target) ? '' : ` into ${target}`;
    warn(`note: opened with ${opener.source}${where}`);
  } finally {
    await secrets.close();
  }
}

interface Run {
  readonly secrets: SecretOpener;
  readonly inputs: AsyncGenerator<ChosenInput | Failure>;
  readonly flags: Given['flags'];
  readonly world: Pick<CommandWorld, 'io' | 'warn'>;
}

/** To stdout Secrets go one by one; a file gets all or nothing. */
async function printSecrets(run: Run, format: 'yaml' | 'json'): Promise<void> {
  const { 'output-file': file } = run.flags;
  const isFile = file !== '' && !isStream(file);
  const texts: string[] = [];
  const failures = await openEach(run, async (secret) => {
    const text = formatManifest(orderSecret(secret), format);
    if (isFile) texts.push(text);
    else await print(text, run);
  });
  throwFailures(failures);
  if (isFile) await writeOutput(file, texts.join(''), run.world.io);
}

async function printItems(run: Run, format: 'dotenv' | 'flat-json'): Promise<void> {
  const secrets: Secret[] = [];
  const failures = await openEach(run, async (secret) => void secrets.push(secret));
  throwFailures(failures);
  const items = itemsOfAll(secrets);
  await print(format === 'dotenv' ? dotenv(items) : flatJson(items), run);
}

async function printItem(run: Run): Promise<void> {
  const { item } = run.flags;
  const holders: ChosenInput[] = [];
  const failures: Failure[] = [];
  for await (const input of run.inputs) {
    if (isFailure(input)) failures.push(input);
    else if (hasItem(input, item)) holders.push(input);
  }
  throwFailures(failures);
  const [holder, ...others] = holders;
  if (!holder) throw usageError(`no SealedSecret has the item ${printable(item)}`);
  if (others.length > 0)
    throw usageError(
      `${holders.length} SealedSecrets have the item ${printable(item)}`,
      'choose one with --name and -n',
    );
  await print(await bareValue(holder, item, run.secrets), run);
}

function hasItem({ sealedSecret: { spec } }: ChosenInput, item: string): boolean {
  return Object.hasOwn(spec.encryptedData, item) || Object.hasOwn(spec.template?.data ?? {}, item);
}

/** A rendered template needs all values, a sealed item only its own. */
async function bareValue(input: ChosenInput, item: string, secrets: SecretOpener): Promise<Uint8Array> {
  if (Object.hasOwn(input.sealedSecret.spec.encryptedData, item)) return secrets.itemOf(input, item);
  const value = itemsOfAll([await secrets.secretOf(input)]).get(item);
  if (value === undefined) throw usageError(`the Secret of ${input.label} leaves ${printable(item)} out`);
  return value;
}

/** Opens all SealedSecrets. @returns why some cannot be opened; they do not keep the others from it */
async function openEach(
  { secrets, inputs, flags, world: { io } }: Run,
  use: (secret: Secret) => Promise<void>,
): Promise<Failure[]> {
  const failures: Failure[] = [];
  await withProgress(io, { doing: 'opening' }, async (step) => {
    for await (const input of inputs) {
      const done = isFailure(input)
        ? input
        : await failureOf(input.file, async () => use(await secrets.secretOf(input)));
      if (isFailure(done)) failures.push(done);
      step();
      if (flags['fail-fast'] && failures.length > 0) return;
    }
  });
  return failures;
}

/** On a terminal, characters that it would obey are escaped: an author of files chose them. */
async function print(content: Uint8Array | string, { flags, world: { io } }: Run): Promise<void> {
  const { 'output-file': file } = flags;
  const isShown = (file === '' || isStream(file)) && io.stdout.isTty === true;
  const text = typeof content === 'string' ? content : decodeStrictly(content)?.text;
  await writeOutput(file, isShown && text !== undefined ? visible(text) : content, io);
}

/** @throws ERR_USAGE for a file that would be lost, or that others can read */
async function refuseOutput(file: string, isForced: boolean, cwd: string): Promise<void> {
  if (file === '' || isStream(file)) return;
  await checkWritable(cwd, file);
  const existing = await stat(resolve(cwd, file)).catch(() => undefined);
  if (!existing?.isFile()) return;
  if (!isForced) throw usageError(`${file} exists already`, 'delete it first, or give --force');
  if ((existing.mode & 0o077) !== 0 && process.platform !== 'win32')
    throw usageError(`others can read ${file}`, `chmod 600 ${file}, or delete it`);
}
