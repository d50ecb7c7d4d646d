import { SealedSecretsError, visible } from '@fuin/crypto-core';
import { runMode } from './commands/modes/run-mode.ts';
import { readFlags } from './invocation/flags/flags.ts';
import { type Invocation, kubeconfigOf } from './invocation/invocation.ts';
import { chooseMode, type Mode, refuseSigning, takesArguments } from './invocation/mode.ts';
import { optionsOf, variableOf } from './invocation/options.ts';
import { KEPT_FORMAT, sealingFormatOf } from './invocation/sealing-format.ts';
import { warningsOfFlags } from './invocation/warnings.ts';
import { checkReadable, isStream } from './io/files.ts';
import type { Io } from './io/io.ts';
import { checkWritable } from './output/atomic-write.ts';
import { VERSION } from './version.ts';

const EXIT_OK = 0;
const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
const EXIT_FINDINGS = 3;

/**
 * Runs the program and returns the exit code: 0 done, 1 failed, 2 the command line cannot be read, 3 a check
 * found something; that of the program which `kubeseal exec` runs. Only this module turns errors into text;
 * stdout gets data only.
 *
 * @param argv without node and script
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    const isWord = /^\w/.test(argv[0] ?? '');
    return (isWord ? await runCommand(argv, io) : undefined) ?? (await runFlags(argv, io));
  } catch (error) {
    io.stderr.write(describe(error));
    const isFinding = error instanceof SealedSecretsError && error.code === 'ERR_FINDINGS';
    return isFinding ? EXIT_FINDINGS : EXIT_FAILURE;
  }
}

/**
 * A first argument that is a command's name is always that command, never an ignored argument of upstream's
 * command line.
 *
 * @returns undefined where the first word is no command
 */
async function runCommand(argv: readonly string[], io: Io): Promise<number | undefined> {
  const { readCommand } = await import('./run-command.ts');
  const read = await orExplain(async () => ({ run: await readCommand(argv, io) }), io);
  if (!read) return EXIT_USAGE;
  if (!read.run) return undefined;
  return read.run();
}

async function runFlags(argv: readonly string[], io: Io): Promise<number> {
  const hint = `hint: ${io.programName} --help lists the flags\n`;
  const parsed = await orExplain(() => readFlags(argv, io.env), io, hint);
  if (!parsed) return EXIT_USAGE;
  const { values: flags, positionals } = parsed;
  const warnings = warningsOfFlags(flags, io);
  for (const warning of parsed.warnings) warnings.warn(warning);
  if (flags.version) {
    await io.stdout.write(`kubeseal version: ${VERSION}\n`);
    return EXIT_OK;
  }
  if (flags.help || parsed.helpRequested) {
    const { programHelp } = await import('./run-command.ts');
    await io.stdout.write(await programHelp(io.programName));
    return EXIT_OK;
  }
  const mode = chooseMode(flags, warnings.warn);
  refuseSigning(mode, flags.sign !== '' && flags.sign !== io.env[variableOf('sign')]);
  const files = [...(parsed.overridden.get('secret-file') ?? []), flags['secret-file'], ...positionals];
  const inputs = (takesArguments(mode) ? files : [flags['secret-file']]).filter((name) => name !== '');
  const kubeconfig = kubeconfigOf(flags, io);
  const { changed } = parsed;
  const format = takesArguments(mode) ? KEPT_FORMAT : sealingFormatOf({ flags, changed }, io);
  const invocation = { ...optionsOf(parsed, io.env, inputs), format, io, kubeconfig, ...warnings };
  if (positionals.length === 0 || takesArguments(mode)) return runChecked(mode, invocation);
  const { argumentsHint, explainArguments } = await import('./commands/modes/stray-arguments.ts');
  const typedHint = argumentsHint(positionals, mode, io);
  return runChecked(mode, invocation, typedHint).catch((error: unknown) => {
    throw explainArguments(error, typedHint);
  });
}

/** @param typedHint a second hint if there is nothing to read */
async function runChecked(mode: Mode, invocation: Invocation, typedHint?: string): Promise<number> {
  const { io, inputs, output, recoveryKeys, warn } = invocation;
  await checkFiles(inputs, output.file, io.cwd);
  const isReCrypting = mode === 'recovery-unseal' || mode === 're-encrypt';
  if (recoveryKeys.length > 0 && !isReCrypting) {
    warn('warning: ignoring --recovery-private-key because unseal command not chosen with --recovery-unseal');
  }
  if (inputs.length === 0 && awaitsTerminal(mode, io)) {
    const { usageAtTerminal } = await import('./help/usage-at-terminal.ts');
    io.stderr.write(usageAtTerminal(io.programName, typedHint));
    return EXIT_USAGE;
  }
  await runMode(mode, invocation);
  if (typedHint !== undefined) warn(`warning: arguments were ignored: ${typedHint}`);
  return EXIT_OK;
}

/** Nobody types a manifest, so the program prints its usage instead of waiting. A raw value may be typed. */
function awaitsTerminal(mode: Mode, { stdin }: Pick<Io, 'stdin'>): boolean {
  return mode !== 'fetch-cert' && mode !== 'raw' && stdin.isTty;
}

async function checkFiles(inputs: readonly string[], output: string, cwd: string): Promise<void> {
  try {
    for (const input of inputs) if (!isStream(input)) checkReadable(cwd, input);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SealedSecretsError('ERR_USAGE', `Could not read file specified with --secret-file: ${reason}`);
  }
  if (output && !isStream(output)) await checkWritable(cwd, output);
}

async function orExplain<T>(read: () => T | Promise<T>, io: Io, hint = ''): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    io.stderr.write(`${describe(error)}${hint}`);
    return undefined;
  }
}

/**
 * `error:` and `hint:` lines. They may quote a manifest or a server, but contain no control characters. Any
 * other error than a SealedSecretsError is a bug and is printed with its stack.
 */
function describe(error: unknown): string {
  if (error instanceof SealedSecretsError) {
    const hints = error.hint === undefined ? [] : error.hint.split('\n').map((line) => `hint: ${line}\n`);
    return visible(`error: ${error.message}\n${hints.join('')}`);
  }
  const text = error instanceof Error ? error.stack : String(error);
  return visible(`error: unexpected failure, please report it: ${text}\n`);
}
