import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';

const KUBESEAL = join(import.meta.dirname, '../../packages/kubeseal-cli/bin/kubeseal.ts');

/** What a finished command said. */
export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A shell in an empty directory with kubeseal on the PATH, gone after the tests of the file; HOME is in it.
 */
export class Shell {
  readonly directory: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(directory: string) {
    this.directory = directory;
    const path = [join(directory, 'bin'), dirname(process.execPath), process.env['PATH']].join(delimiter);
    this.#env = {
      PATH: path,
      HOME: directory,
      TMPDIR: join(directory, 'tmp'),
      LC_ALL: 'C.UTF-8',
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
    };
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  async write(name: string, content: string | Uint8Array, mode = 0o644): Promise<string> {
    await mkdir(dirname(this.path(name)), { recursive: true });
    await writeFile(this.path(name), content, { mode });
    return this.path(name);
  }

  /** Puts kubeseal on the PATH under a name. */
  async install(name: string): Promise<void> {
    await mkdir(this.path('bin'), { recursive: true });
    await symlink(KUBESEAL, this.path(join('bin', name)));
  }

  /** Runs a shell script in the directory, as pipelines do: it ends at the first error. */
  sh(
    script: string,
    { env = {}, cwd = '.' }: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
  ): Promise<Said> {
    return this.run(['bash', '-eo', 'pipefail', '-c', script], { env, cwd });
  }

  run(
    [program = '', ...args]: readonly string[],
    { env = {}, cwd = '.' }: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
  ): Promise<Said> {
    const { promise, resolve } = Promise.withResolvers<Said>();
    const options = { cwd: this.path(cwd), env: { ...this.#env, ...env }, timeout: 60_000 };
    const child = execFile(program, args, options, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    );
    child.stdin?.end();
    return promise;
  }
}

/** One shell for the tests of a file. */
export function useShell(): { readonly shell: Shell } {
  const holder = {} as { shell: Shell };
  beforeAll(async () => {
    const shell = new Shell(await mkdtemp(join(tmpdir(), 'fuin-guide-')));
    await mkdir(shell.path('tmp'));
    await shell.install('kubeseal');
    holder.shell = shell;
  });
  afterAll(() => rm(holder.shell.directory, { recursive: true, force: true }));
  return holder;
}
