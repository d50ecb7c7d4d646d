import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { Io } from '../io/io.ts';
import { main } from '../main.ts';

/** One run of the program in a world of its own. */
export interface CliRun {
  readonly argv: readonly string[];
  readonly stdin?: string | Uint8Array;
  /** Stdin piece by piece, for modes that read it so. */
  readonly chunks?: () => AsyncIterable<Uint8Array>;
  /** Files of a new directory in which the run takes place; HOME is `home` in it. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly modes?: Readonly<Record<string, number>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Programs that the run finds, as bodies of shell scripts; only they and the shell's are on PATH. */
  readonly programs?: Readonly<Record<string, string>>;
  readonly tty?: { readonly stdin?: boolean; readonly stdout?: boolean; readonly stderr?: boolean };
  readonly now?: Date;
  /** Runs after the files are written and before the program. */
  readonly prepare?: (directory: string) => Promise<void>;
}

/** What the run left behind. */
export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly files: Readonly<Record<string, string>>;
  readonly modes: Readonly<Record<string, number>>;
}

/** Runs the program in this process: real files, given streams. */
export async function runCli(run: CliRun): Promise<CliResult> {
  const directory = await mkdtemp(join(tmpdir(), 'kubeseal-test-'));
  try {
    for (const [name, content] of Object.entries(run.files ?? {})) {
      await mkdir(dirname(join(directory, name)), { recursive: true });
      await writeFile(join(directory, name), content);
      if (run.modes?.[name] !== undefined) await chmod(join(directory, name), run.modes[name]);
    }
    for (const [name, script] of Object.entries(run.programs ?? {})) {
      await mkdir(join(directory, 'bin'), { recursive: true });
      await writeFile(join(directory, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
    await run.prepare?.(directory);
    const out = { stdout: '', stderr: '' };
    const code = await main(run.argv, testIo(run, directory, out));
    return { code, ...out, ...(await snapshot(directory)) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function testIo(run: CliRun, cwd: string, out: { stdout: string; stderr: string }): Io {
  const { stdin = '', chunks, tty = {} } = run;
  return {
    stdin: {
      isTty: tty.stdin ?? false,
      ...(chunks && { chunks }),
      read: async () => (typeof stdin === 'string' ? Buffer.from(stdin) : stdin),
      readHidden: async (prompt) => {
        out.stderr += prompt;
        return Buffer.from(stdin);
      },
      ask: async (prompt) => {
        out.stderr += prompt;
        return String(stdin);
      },
    },
    stdout: {
      isTty: tty.stdout ?? false,
      write: async (bytes) => {
        out.stdout += typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8');
      },
    },
    stderr: {
      isTty: tty.stderr ?? false,
      write: (text) => {
        out.stderr += text;
      },
    },
    env: {
      HOME: join(cwd, 'home'),
      ...(run.programs ? { PATH: `${join(cwd, 'bin')}:/usr/bin:/bin` } : {}),
      ...run.env,
    },
    cwd,
    programName: 'kubeseal',
    now: () => run.now ?? new Date(),
  };
}

async function snapshot(directory: string): Promise<Pick<CliResult, 'files' | 'modes'>> {
  const files: Record<string, string> = {};
  const modes: Record<string, number> = {};
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(directory, path);
    files[name] = await readFile(path, 'utf8');
    modes[name] = (await stat(path)).mode & 0o777;
  }
  return { files, modes };
}
