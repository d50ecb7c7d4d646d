import { statSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { type AllowedSigner, readAllowedSigners, SealedSecretsError } from '@fuin/crypto-core';
import type { Failure } from '../../input/tree/failures.ts';
import { readTree } from '../../input/tree/tree.ts';
import type { PlacedFinding } from '../../inspect/judge/finding.ts';
import { RULES } from '../../inspect/judge/rules.ts';
import { baselineOf, knownFindings } from '../../inspect/lint/baseline.ts';
import { judgeDuplicates } from '../../inspect/lint/duplicates.ts';
import { type Reported, withFingerprints } from '../../inspect/lint/fingerprint.ts';
import { judgeFormats } from '../../inspect/lint/judge-format.ts';
import { judgeCertificates } from '../../inspect/lint/judge-keys.ts';
import { lintFile } from '../../inspect/lint/lint-file.ts';
import type { SealedFact } from '../../inspect/lint/sealed-facts.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { LINT_FLAGS } from '../../invocation/flags/check-flags.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { isStream, readInput } from '../../io/files.ts';
import type { Input } from '../../io/inputs.ts';
import type { Io } from '../../io/io.ts';
import { atomicWrite } from '../../output/atomic-write.ts';
import { counted } from '../../output/counted.ts';
import { Terms } from './terms.ts';

type Given = CommandLine<typeof LINT_FLAGS>;

/** Everything that was found in all files. */
interface Check {
  /** Without what the baseline accepts. */
  readonly findings: readonly Reported[];
  readonly failures: readonly Failure[];
  /** How many findings the baseline accepts. */
  readonly known: number;
}

/** Checks a command line of `kubeseal check` without reading a file. @throws ERR_USAGE */
export function readCheck({ flags }: Given): void {
  if (flags['write-baseline'] && flags.baseline === '')
    throw usageError('--write-baseline needs a file', 'name it with --baseline FILE');
}

/**
 * `kubeseal check FILE...`: finds, without a cluster, what must not be committed: Secrets with items in the
 * clear, SealedSecrets with an item that is not sealed, and what will not open. Other files are accepted.
 *
 * @throws ERR_FINDINGS naming file, document and item of each finding; ERR_USAGE when a file cannot
 * be opened: a named one at once, one of a directory after all others were checked
 */
export async function check(given: Given, world: CommandWorld): Promise<void> {
  const { flags, arguments: names } = given;
  const { io, warn } = world;
  const terms = await Terms.of(flags, world);
  const signers = await readSigners(flags['allowed-signers'], io.cwd);
  const { found, failures, checked } = await lintAll(filesOf(names, io), { terms, signers }, io.now());
  const all = withFingerprints(found.map((each) => ({ ...each, file: pathOf(each.file, io.cwd) })));
  const paths = new Set(checked.map((file) => pathOf(file, io.cwd)));
  if (flags['write-baseline']) {
    await atomicWrite(io.cwd, flags.baseline, Buffer.from(baselineOf(all)));
    warn(`note: wrote ${counted(all.length, 'finding')} to ${flags.baseline}`);
  }
  const findings = await newAmong({ all, checked: paths }, flags.baseline, world);
  await report({ findings, failures, known: all.length - findings.length }, given, world);
}

/** Whose keys and signatures count. */
interface Rulers {
  readonly terms: Terms;
  readonly signers: readonly AllowedSigner[] | undefined;
}

/** @throws ERR_USAGE, ERR_KEY_INVALID */
async function readSigners(file: string, cwd: string): Promise<AllowedSigner[] | undefined> {
  if (file === '') return undefined;
  return readAllowedSigners(Buffer.from(await readInput(cwd, file, 'allowed-signers')).toString('utf8'));
}

/** What files hold that is wrong. */
export interface Lint {
  readonly found: readonly PlacedFinding[];
  /** Files, settings and certificates that cannot be read. */
  readonly failures: readonly Failure[];
  /** The files that were read. */
  readonly checked: readonly string[];
}

/** Checks files one by one, and against each other. */
export async function lintAll(
  files: AsyncIterable<Input | Failure>,
  { terms, signers }: Rulers,
  now: Date,
): Promise<Lint> {
  const checked: string[] = [];
  const found: PlacedFinding[] = [];
  const facts: SealedFact[] = [];
  const failures: Failure[] = [];
  for await (const file of files) {
    if ('error' in file) {
      failures.push(file);
      continue;
    }
    checked.push(file.where);
    const report = await lintFile(file, (name) => terms.for(name), { signers, now });
    for (const finding of report.findings) found.push(finding);
    for (const fact of report.facts) facts.push(fact);
    if (report.facts.length > 0)
      found.push(...judgeFormats(report.facts, await terms.formatFor(file.where), now));
  }
  return {
    found: [...found, ...judgeDuplicates(facts), ...judgeCertificates(terms.compared, now)],
    failures: [...failures, ...terms.failures],
    checked,
  };
}

async function* filesOf(
  names: readonly string[],
  io: Pick<Io, 'cwd' | 'stdin'>,
): AsyncGenerator<Input | Failure> {
  for (const name of names) yield* inputsOf(name, io);
}

/** What an argument names: stdin, a file, or the YAML and JSON files below a directory. */
async function* inputsOf(name: string, io: Pick<Io, 'cwd' | 'stdin'>): AsyncGenerator<Input | Failure> {
  if (isStream(name)) yield { bytes: await io.stdin.read(), where: 'stdin' };
  else if (isDirectory(resolve(io.cwd, name))) yield* readTree([name], io);
  else yield { bytes: await readInput(io.cwd, name), where: name };
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** The path from the directory of the run on, which code scanning takes for the repository's root. */
function pathOf(file: string, cwd: string): string {
  const path = file === 'stdin' ? file : relative(cwd, resolve(cwd, file));
  return path.startsWith('..') ? file : path;
}

interface Found {
  readonly all: readonly Reported[];
  /** The files that were checked: of others, the baseline may hold more. */
  readonly checked: ReadonlySet<string>;
}

/** The findings that the baseline does not accept. @throws ERR_USAGE where it cannot be read */
async function newAmong(
  { all, checked }: Found,
  file: string,
  { io, warn }: Pick<CommandWorld, 'io' | 'warn'>,
): Promise<readonly Reported[]> {
  if (file === '') return all;
  const text = Buffer.from(await readInput(io.cwd, file, 'baseline')).toString('utf8');
  const known = knownFindings(text, file);
  const present = new Set(all.map(({ fingerprint }) => fingerprint));
  const gone = [...known].filter(([print, path]) => !present.has(print) && checked.has(path)).length;
  if (gone > 0)
    warn(
      `note: ${counted(gone, 'finding')} of ${file} ${gone === 1 ? 'is' : 'are'} gone: --write-baseline writes it anew`,
    );
  return all.filter(({ fingerprint }) => !known.has(fingerprint));
}

/** @throws ERR_FINDINGS with the findings that make the check fail, and the errors of files */
async function report(
  { findings, failures, known }: Check,
  { flags: { output, strict } }: Given,
  { io, warn, version }: CommandWorld,
): Promise<void> {
  const isText = output === 'text';
  if (output === 'json')
    await io.stdout.write((await import('../../inspect/report/json.ts')).jsonOf(findings, failures, known));
  if (output === 'sarif')
    await io.stdout.write((await import('../../inspect/report/sarif.ts')).sarifOf(findings, version));
  if (output === 'gitlab')
    await io.stdout.write((await import('../../inspect/report/gitlab.ts')).gitlabOf(findings));
  const failing = findings.filter(({ severity }) => strict || severity === 'error');
  const others = findings.filter((finding) => !failing.includes(finding));
  if (isText) {
    for (const { message } of others) warn(`warning: ${message}`);
    for (const hint of hintsOf(others)) warn(`hint: ${hint}`);
  }
  const code = failing.length > 0 ? 'ERR_FINDINGS' : failures[0]?.error.code;
  if (code === undefined) return;
  const counts = failing.length > 0 ? [counted(failing.length, 'finding')] : [];
  const messages = isText ? failing.map(({ message }) => message) : counts;
  const errors = failures.map(({ error }) => error.message);
  const hint = isText ? hintsOf(failing).join('\n') : '';
  throw new SealedSecretsError(code, [...messages, ...errors].join('\nerror: '), hint === '' ? {} : { hint });
}

function hintsOf(findings: readonly Reported[]): string[] {
  return [...new Set(findings.map(({ rule }) => RULES[rule].hint))];
}
