import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Io } from '../../io/io.ts';
import { atomicWrite } from '../../output/atomic-write.ts';
import { git } from './git-process.ts';

/** A setting of Git; undefined stands for none. */
export interface SettingChange {
  readonly key: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** A file that Git reads; undefined stands for none. */
export interface FileChange {
  /** Absolute. */
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly isProgram: boolean;
}

/** What a run does: everything is known before anything is written. */
export interface Setup {
  /** `--global` or `--local`, as `git config` has it. */
  readonly scope: string;
  readonly settings: readonly SettingChange[];
  readonly files: readonly FileChange[];
}

/** The sections of the configuration that are ours. */
const SECTIONS = ['diff.kubeseal', 'merge.kubeseal'];

/** The settings of our sections as they are, by key. @throws ERR_USAGE */
export function settingsIn(scope: string, io: Io): ReadonlyMap<string, string> {
  const ours = `^(${SECTIONS.map((section) => section.replace('.', '\\.')).join('|')})\\.`;
  const { text } = git(['config', scope, '--null', '--get-regexp', ours], io, { expected: [0, 1] });
  const entries = text.split('\0').filter((entry) => entry !== '');
  return new Map(
    entries.map((entry) => {
      const [key = '', ...value] = entry.split('\n');
      return [key, value.join('\n')];
    }),
  );
}

/** Does it. @throws ERR_USAGE */
export async function applySetup({ scope, settings, files }: Setup, io: Io): Promise<void> {
  for (const section of SECTIONS)
    if (settings.some(({ key, after }) => key.startsWith(`${section}.`) && after === undefined))
      git(['config', scope, '--remove-section', section], io);
  for (const { key, before, after } of settings)
    if (after !== undefined && after !== before) git(['config', scope, '--replace-all', key, after], io);
  for (const change of files) await writeChange(change, io);
}

async function writeChange({ path, before, after, isProgram }: FileChange, io: Io): Promise<void> {
  if (after === undefined) return rmSync(path, { force: true });
  if (after === before && !isProgram) return;
  mkdirSync(dirname(path), { recursive: true });
  if (isProgram) writeFileSync(path, after, { mode: 0o755 });
  // other users of a repository read its attributes, so a new file gets the usual mode
  else if (existsSync(path)) await atomicWrite(io.cwd, path, after);
  else writeFileSync(path, after);
}

const BEGIN = '# kubeseal git install: begin';
const END = '# kubeseal git install: end';
/** Says that the line before had no end, so that removing gives the file back as it was. */
const WITHOUT_END = ', after a line without an end';
const BLOCK = new RegExp(`(\\r?\\n)?^${BEGIN}(${WITHOUT_END})?\\r?\\n[\\s\\S]*?^${END}\\r?\\n`, 'm');

/**
 * The attributes of these patterns among those that a file has already. Earlier ones of ours are replaced.
 */
export function withAttributes(text: string, patterns: readonly string[]): string {
  const before = withoutAttributes(text);
  const isCut = before !== '' && !before.endsWith('\n');
  const lines = patterns.map((pattern) => `${quoted(pattern)} diff=kubeseal merge=kubeseal\n`);
  return `${before}${isCut ? '\n' : ''}${BEGIN}${isCut ? WITHOUT_END : ''}\n${lines.join('')}${END}\n`;
}

/** The file as it was without them, byte for byte. */
export function withoutAttributes(text: string): string {
  return text.replace(BLOCK, (_block, lineEnd: string | undefined, isCut: string | undefined) =>
    lineEnd === undefined || isCut !== undefined ? '' : lineEnd,
  );
}

/** Git reads a pattern with spaces in quotes. */
function quoted(pattern: string): string {
  return /[\s"\\]/.test(pattern) || pattern.startsWith('#') ? JSON.stringify(pattern) : pattern;
}
