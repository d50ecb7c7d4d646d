import { relative, sep } from 'node:path';
import { lintAll } from '../commands/check/check.ts';
import { Terms } from '../commands/check/terms.ts';
import type { Failure } from '../input/tree/failures.ts';
import { DISK, type Disk, readTree } from '../input/tree/tree.ts';
import { RULES, type RuleId, type Severity, severityOf } from '../inspect/judge/rules.ts';
import type { Input } from '../io/inputs.ts';
import { type EditorText, type EditorWorld, NO_FLAGS } from './world.ts';

/** Something that is wrong in a file. */
export interface Problem {
  /** Relative to the folder. */
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  readonly severity: Severity;
  /** Names file, document and item, never a value. */
  readonly message: string;
  /** What to do about it. */
  readonly hint: string | undefined;
  /** Undefined where something cannot be read. */
  readonly rule: RuleId | undefined;
}

/** What `kubeseal check` finds in a text. No server is asked. @throws ERR_USAGE */
export async function checkText({ text, file }: EditorText, world: EditorWorld): Promise<Problem[]> {
  const only = async function* () {
    yield { bytes: Buffer.from(text), where: file };
  };
  const problems = await check(only(), world);
  return problems.filter((problem) => problem.file === file);
}

/** Which files of a folder were read, and what is wrong in them. */
export interface FolderCheck {
  readonly files: number;
  readonly problems: readonly Problem[];
}

/**
 * What `kubeseal check .` finds in the files of the folder.
 *
 * @param asksGit whether Git is asked for files that it tracks although they are ignored. It is the only
 *   program that runs, so not in a folder that nobody trusts
 * @param others folders that are checked by themselves; what lies in one of them is left to it
 */
export async function checkFolder(
  world: EditorWorld,
  asksGit: boolean,
  others: readonly string[] = [],
): Promise<FolderCheck> {
  const below = others.map((other) => relative(world.folder, other)).filter((path) => path !== '');
  const isOfAnother = ({ where }: Input | Failure) => below.some((path) => where.startsWith(path + sep));
  const disk: Disk = asksGit ? DISK : { ...DISK, tracked: () => [] };
  const stdin = { isTty: false, read: async () => new Uint8Array() };
  let files = 0;
  const counted = async function* () {
    for await (const file of readTree(['.'], { cwd: world.folder, stdin }, disk)) {
      if (isOfAnother(file)) continue;
      files += 1;
      yield file;
    }
  };
  const problems = await check(counted(), world);
  return { files, problems };
}

async function check(
  files: AsyncIterable<Input | Failure>,
  { folder, now, warn }: EditorWorld,
): Promise<Problem[]> {
  const terms = await Terms.of({ certs: [], ...NO_FLAGS }, { io: { cwd: folder }, warn });
  const { found, failures } = await lintAll(files, { terms, signers: undefined }, now());
  return [
    ...found.map(({ file, line, message, rule }) => ({
      file,
      line,
      severity: severityOf(rule),
      message,
      hint: RULES[rule].hint,
      rule,
    })),
    ...failures.map(({ where, error }) => ({
      file: where,
      line: 1,
      severity: 'warning' as const,
      message: error.message,
      hint: error.hint,
      rule: undefined,
    })),
  ];
}
