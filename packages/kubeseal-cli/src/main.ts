import { SealedSecretsError, visible } from '@fuin/crypto-core';
import { checkReadable } from './files.ts';
import { FLAGS, readFlags } from './flags.ts';
import type { Invocation } from './invocation.ts';
import type { Io } from './io.ts';
import { chooseMode, type Mode, runMode } from './mode.ts';
import { VERSION } from './version.ts';

const EXIT_OK = 0;
const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;

/**
 * The program. Returns the exit code: 0 done, 1 failed, 2 the command line cannot be read. This is the only place that turns errors into text; stdout
 * gets data only.
 *
 * @param argv without node and script
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    const extra = await runExtra(argv, io);
    return extra ?? (await runFlags(argv, io));
  } catch (error) {
    io.stderr.write(describe(error));
    return EXIT_FAILURE;
  }
}

/**
 * `kubeseal completion <shell>`, `kubeseal manual` and `kubeseal check <file>...`, only as whole command lines: upstream
 * ignores positional arguments.
 */
async function runExtra(argv: readonly string[], io: Io): Promise<number | undefined> {
  const [command, shell] = argv;
  if (command === 'check' && argv.length > 1 && argv.every((each) => !each.startsWith('-'))) {
    const { checkFiles } = await import('./check.ts');
    await checkFiles(io.cwd, argv.slice(1));
    return EXIT_OK;
  }
  const isExtra =
    (command === 'completion' && argv.length === 2) || (command === 'manual' && argv.length === 1);
  if (!isExtra) return undefined;
  const { extraText } = await import('./extra.ts');
  const text = extraText(command, shell);
  if (text === undefined) return undefined;
  await io.stdout.write(text);
  return EXIT_OK;
}

async function runFlags(argv: readonly string[], io: Io): Promise<number> {
  const warn = (message: string) => io.stderr.write(`${visible(message)}\n`);
  const parsed = parseOrExplain(argv, io);
  if (!parsed) return EXIT_USAGE;
  const { values: flags, changed, warnings } = parsed;
  for (const warning of warnings) warn(warning);
  if (flags.version) {
    await io.stdout.write(`kubeseal version: ${VERSION}\n`);
    return EXIT_OK;
  }
  if (flags.help || parsed.helpRequested) {
    const { formatHelp, SHELLS } = await import('@fuin/flags');
    const more = `\`kubeseal completion ${SHELLS.join('|')}\` prints a completion script, \`kubeseal manual\` the manual page; \`kubeseal check FILE...\` finds Secrets that are not sealed.`;
    await io.stdout.write(`${formatHelp(io.programName, FLAGS)}\n${more}\n`);
    return EXIT_OK;
  }
  const invocation = { flags, changed, io, warn };
  const { positionals } = parsed;
  if (positionals.length === 0) return runChecked(invocation);
  const { argumentsHint, explainArguments } = await import('./arguments.ts');
  return runChecked(invocation, argumentsHint(positionals)).catch((error: unknown) => {
    throw explainArguments(error, positionals);
  });
}

/** @param typedHint a second hint where nothing is given to read */
async function runChecked(invocation: Invocation, typedHint?: string): Promise<number> {
  const { flags, io, warn } = invocation;
  const mode = chooseMode(invocation);
  await checkFiles(invocation);
  const isReCrypting = mode === 'recovery-unseal' || mode === 're-encrypt';
  if (flags['recovery-private-key'].length > 0 && !isReCrypting && io.stderr.isTty) {
    warn('warning: ignoring --recovery-private-key because unseal command not chosen with --recovery-unseal');
  }
  if (awaitsTerminal(invocation, mode)) {
    warn('(tty detected: expecting json/yaml k8s resource in stdin)');
    warn(
      `usage: ${io.programName} [flags] < secret.yaml > sealedsecret.yaml; or: ${io.programName} [flags] -f secret.yaml -w sealedsecret.yaml`,
    );
    warn(`hint: ${io.programName} --help lists the flags`);
    if (typedHint !== undefined) warn(`hint: ${typedHint}`);
    return EXIT_USAGE;
  }
  await runMode(mode, invocation);
  return EXIT_OK;
}

/** Nobody types a manifest: instead of waiting for ever, say what is missing. (A raw value may well be typed.) */
function awaitsTerminal({ flags, io }: Invocation, mode: Mode): boolean {
  return !flags['secret-file'] && mode !== 'fetch-cert' && mode !== 'raw' && io.stdin.isTty;
}

async function checkFiles({ flags, io }: Invocation): Promise<void> {
  const input = flags['secret-file'];
  const output = flags['sealed-secret-file'];
  try {
    if (input) checkReadable(io.cwd, input);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SealedSecretsError('ERR_USAGE', `Could not read file specified with --secret-file: ${reason}`);
  }
  if (output) await (await import('./atomic-write.ts')).checkWritable(io.cwd, output);
}

function parseOrExplain(argv: readonly string[], io: Io): ReturnType<typeof readFlags> | undefined {
  try {
    return readFlags(argv, io.env);
  } catch (error) {
    io.stderr.write(describe(error));
    io.stderr.write(`hint: ${io.programName} --help lists the flags\n`);
    return undefined;
  }
}

/** `error: ...` and `hint:` lines, which may quote a manifest or a server but never move the terminal. What is no SealedSecretsError is a bug: then the stack says more than the message. */
function describe(error: unknown): string {
  if (error instanceof SealedSecretsError) {
    const hints = error.hint === undefined ? [] : error.hint.split('\n').map((line) => `hint: ${line}\n`);
    return visible(`error: ${error.message}\n${hints.join('')}`);
  }
  const text = error instanceof Error ? error.stack : String(error);
  return visible(`error: unexpected failure, please report it: ${text}\n`);
}
