import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const BIN = join(import.meta.dirname, '../../bin/kubeseal.ts');

/** A directory with files in which the program runs as a process, found as `kubeseal` in PATH. */
export interface Place {
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  path(name: string): string;
  /** Starts a program there; `kubeseal` is this one. */
  start(command: readonly [string, ...string[]], options?: SpawnOptions): ChildProcess;
  /** Runs a program to its end. */
  run(command: readonly [string, ...string[]], more?: RunOptions): Promise<Ran>;
}

interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: string;
}

/** What came of a process. */
export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly bytes: Buffer;
  readonly stdout: string;
  readonly stderr: string;
}

/** Makes a place, runs a test in it, and removes it. No variable of the machine but PATH is set. */
export async function inPlace(
  files: Readonly<Record<string, string | Uint8Array>>,
  test: (place: Place) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'kubeseal-place-'));
  try {
    const bin = join(directory, '.bin');
    await mkdir(bin);
    const script = `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`;
    await writeFile(join(bin, 'kubeseal'), script, { mode: 0o755 });
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(directory, name)), { recursive: true });
      await writeFile(join(directory, name), content, { mode: name.endsWith('.sh') ? 0o755 : 0o644 });
    }
    await test(placeIn(directory, bin));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function placeIn(directory: string, bin: string): Place {
  const env = {
    PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}`,
    HOME: directory,
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
  };
  const start: Place['start'] = ([name, ...args], options = {}) =>
    spawn(name, args, { cwd: directory, ...options, env: { ...env, ...options.env } });
  return {
    directory,
    env,
    path: (name) => join(directory, name),
    start,
    run: async (command, { env: more = {}, stdin = '' } = {}) => {
      const child = start(command, { env: more, stdio: 'pipe' });
      child.stdin?.on('error', () => undefined).end(stdin);
      return ended(child);
    },
  };
}

/** Waits for the end of a process, with what it wrote. */
export async function ended(child: ChildProcess): Promise<Ran> {
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout?.on('data', (piece: Buffer) => out.push(piece));
  child.stderr?.on('data', (piece: Buffer) => err.push(piece));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const bytes = Buffer.concat(out);
      resolve({ code, signal, bytes, stdout: bytes.toString(), stderr: Buffer.concat(err).toString() });
    });
  });
}
