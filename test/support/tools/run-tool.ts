import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { PATIENCE_MS } from '../time/patience.ts';

/** What a finished program said; code is -1 when a signal ended it. */
export interface ToolResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a program gets from us; nothing else of our environment, but where Node keeps compiled code. */
export interface ToolInput {
  readonly stdin?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string | undefined;
  /** Nobody waits longer; the program is killed, and stderr ends with what its threads waited for. */
  readonly timeoutMs?: number;
}

/** Runs a program to its end, or until nobody waits any more. */
export async function runTool(
  [program = '', ...args]: readonly string[],
  { stdin = '', env, cwd, timeoutMs = PATIENCE_MS }: ToolInput,
): Promise<ToolResult> {
  const child = spawn(program, args, {
    cwd,
    env: { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...env },
  });
  let stuck = '';
  const timer = setTimeout(() => {
    stuck = `killed, since it did not end within ${timeoutMs} ms. Its threads:\n${threadsOf(child.pid)}`;
    child.kill('SIGKILL');
  }, timeoutMs);
  child.stdin.on('error', () => undefined); // it may end without reading its input
  child.stdin.end(stdin);
  const [stdout, stderr, code] = await Promise.all([
    child.stdout.setEncoding('utf8').toArray(),
    child.stderr.setEncoding('utf8').toArray(),
    new Promise<number>((resolve, reject) =>
      child.once('error', reject).once('close', (status) => resolve(status ?? -1)),
    ),
  ]).finally(() => clearTimeout(timer));
  return { code, stdout: stdout.join(''), stderr: stderr.join('') + stuck };
}

/** Name, state, system call and place in the kernel of each thread, as far as the system shows them. */
function threadsOf(pid: number | undefined): string {
  const tasks = `/proc/${pid}/task`;
  const threads = contentOf(() => readdirSync(tasks)) ?? [];
  return threads
    .map((id) => {
      const [stat = '', wchan = '', syscall = ''] = ['stat', 'wchan', 'syscall'].map(
        (file) => contentOf(() => readFileSync(`${tasks}/${id}/${file}`, 'utf8')) ?? '?',
      );
      const [, name, state] = /\((.*)\) (\w)/.exec(stat) ?? [];
      return `${name} ${state}, system call ${syscall.split(' ', 1)[0]}, in ${wchan}`;
    })
    .join('\n');
}

/** Undefined where it cannot be read: a thread may end meanwhile. */
function contentOf<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
