import { relative, resolve } from 'node:path';
import { type AllowedSigner, readAllowedSigners, SealedSecretsError } from '@fuin/crypto-core';
import type { Failure } from '../../input/tree/failures.ts';
import { readTree } from '../../input/tree/tree.ts';
import type { PlacedFinding } from '../../inspect/judge/finding.ts';
import { RULES } from '../../inspect/judge/rules.ts';
import { type Baseline, baselineOf, goneFrom, knownFindings, newAmong } from '../../inspect/lint/baseline.ts';
import { judgeDuplicates } from '../../inspect/lint/duplicates.ts';
import { type Reported, withFingerprints } from '../../inspect/lint/fingerprint.ts';
import { judgeFormats } from '../../inspect/lint/judge-format.ts';
import { judgeCertificates } from '../../inspect/lint/judge-keys.ts';
import { lintFile } from '../../inspect/lint/lint-file.ts';
import type { SealedFact } from '../../inspect/lint/sealed-facts.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { LINT_FLAGS } from '../../invocation/flags/check-flags.ts';
import { refuseTwoOutputs } from '../../invocation/json-output.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { readInput } from '../../io/files.ts';
import type { Input } from '../../io/inputs.ts';
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
export function readCheck(given: Given): void {
  const { flags } = given;
  if (flags['write-baseline'] && flags.baseline === '')
    throw usageError('--write-baseline needs a file', 'name it with --baseline FILE');
  if (flags['write-baseline'] && flags['fail-fast'])
    throw usageError('--write-baseline and --fail-fast exclude each other', 'a baseline is of all files');
  refuseTwoOutputs(given);
}

/**
 * `kubeseal check FILE...`: finds, without a cluster, what must not be committed: Secrets with items in the
 * clear, SealedSecrets with an item that is not sealed, and what will not open. Other files are accepted.
 *
 * @throws ERR_FINDINGS naming file, document and item of each finding; ERR_USAGE when a file cannot be
 *   opened, after all others were checked
 */
export async function check(given: Given, world: CommandWorld): Promise<void> {
  const { flags, arguments: names } = given;
  const { io, warn } = world;
  const terms = await Terms.of(flags, world);
  const signers = await readSigners(flags['allowed-signers'], io.cwd);
  const baseline = await readBaseline(flags, io.cwd);
  const reported = (found: readonly PlacedFinding[]) =>
    withFingerprints(found.map((each) => ({ ...each, file: pathOf(each.file, io.cwd) })));
  const stopsAt = (found: readonly PlacedFinding[]) =>
    newAmong(reported(found), baseline).some((each) => fails(each, flags.strict));
  const rulers = { terms, signers, ...(flags['fail-fast'] ? { stopsAt } : {}) };
  const { found, failures, checked } = await lintAll(readTree(names, io), rulers, io.now());
  const all = reported(found);
  if (flags['write-baseline']) await writeBaseline(all, flags.baseline, world);
  const findings = flags['write-baseline'] ? [] : newAmong(all, baseline);
  const paths = new Set(checked.map((file) => pathOf(file, io.cwd)));
  const gone = goneFrom(baseline, all, paths);
  if (gone > 0 && !flags['fail-fast']) adviseOnGone(gone, flags.baseline, warn);
  await report({ findings, failures, known: all.length - findings.length }, given, world);
}

/** What --baseline accepts, by fingerprint. @throws ERR_USAGE where it cannot be read */
async function readBaseline(
  { baseline, 'write-baseline': isWritten }: Given['flags'],
  cwd: string,
): Promise<Baseline> {
  if (baseline === '' || isWritten) return new Map();
  return knownFindings(Buffer.from(await readInput(cwd, baseline, 'baseline')).toString('utf8'), baseline);
}

async function writeBaseline(
  all: readonly Reported[],
  file: string,
  { io, warn }: Pick<CommandWorld, 'io' | 'warn'>,
): Promise<void> {
  await atomicWrite(io.cwd, file, Buffer.from(baselineOf(all)));
  warn(`note: wrote ${counted(all.length, 'finding')} to ${file}`);
}

function adviseOnGone(gone: number, file: string, warn: CommandWorld['warn']): void {
  const are = gone === 1 ? 'is' : 'are';
  warn(`note: ${counted(gone, 'finding')} of ${file} ${are} gone: --write-baseline writes it anew`);
}

/** Whose keys and signatures count, and when enough was found. */
interface Rulers {
  readonly terms: Terms;
  readonly signers: readonly AllowedSigner[] | undefined;
  /** Whether the findings of a file end the run, as a file does that cannot be read; undefined goes on. */
  readonly stopsAt?: (found: readonly PlacedFinding[]) => boolean;
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
  { terms, signers, stopsAt }: Rulers,
  now: Date,
): Promise<Lint> {
  const checked: string[] = [];
  const found: PlacedFinding[] = [];
  const facts: SealedFact[] = [];
  const failures: Failure[] = [];
  for await (const file of files) {
    if ('error' in file) {
      failures.push(file);
      if (stopsAt) break;
      continue;
    }
    checked.push(file.where);
    const report = await lintFile(file, (name) => terms.for(name), { signers, now });
    const own = [...report.findings];
    if (report.facts.length > 0)
      own.push(...judgeFormats(report.facts, await terms.formatFor(file.where), now));
    for (const finding of own) found.push(finding);
    for (const fact of report.facts) facts.push(fact);
    if (stopsAt?.(own)) break;
  }
  return {
    found: [...found, ...judgeDuplicates(facts), ...judgeCertificates(terms.compared, now)],
    failures: [...failures, ...terms.failures],
    checked,
  };
}

/** The path from the directory of the run on, which code scanning takes for the repository's root. */
function pathOf(file: string, cwd: string): string {
  const path = file === 'stdin' ? file : relative(cwd, resolve(cwd, file));
  return path.startsWith('..') ? file : path;
}

/** @throws ERR_FINDINGS with the findings that make the check fail, and the errors of files */
async function report(
  { findings, failures, known }: Check,
  { flags }: Given,
  { io, warn, version }: CommandWorld,
): Promise<void> {
  const output = flags.json ? 'json' : flags.output;
  const isText = output === 'text';
  if (output === 'json')
    await io.stdout.write((await import('../../inspect/report/json.ts')).jsonOf(findings, failures, known));
  if (output === 'sarif')
    await io.stdout.write((await import('../../inspect/report/sarif.ts')).sarifOf(findings, version));
  if (output === 'gitlab')
    await io.stdout.write((await import('../../inspect/report/gitlab.ts')).gitlabOf(findings));
  const failing = findings.filter((each) => fails(each, flags.strict));
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

function fails({ severity }: Reported, isStrict: boolean): boolean {
  return isStrict || severity === 'error';
}

function hintsOf(findings: readonly Reported[]): string[] {
  return [...new Set(findings.map(({ rule }) => RULES[rule].hint))];
}
