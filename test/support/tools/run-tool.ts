import { spawn } from 'node:child_process';
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
}

/** Runs a program to its end, or until nobody waits any more. */
export async function runTool(
  [program = '', ...args]: readonly string[],
  { stdin = '', env, cwd }: ToolInput,
): Promise<ToolResult> {
  const child = spawn(program, args, {
    cwd,
    env: { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...env },
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
  });
  child.stdin.on('error', () => undefined); // it may end without reading its input
  child.stdin.end(stdin);
  const [stdout, stderr, code] = await Promise.all([
    child.stdout.setEncoding('utf8').toArray(),
    child.stderr.setEncoding('utf8').toArray(),
    new Promise<number>((resolve, reject) =>
      child.once('error', reject).once('close', (status) => resolve(status ?? -1)),
    ),
  ]);
  return { code, stdout: stdout.join(''), stderr: stderr.join('') };
}
