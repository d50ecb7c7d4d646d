import { spawn } from 'node:child_process';
import { installPeer } from './peer-install.ts';

export { startUpstreamController } from './peer-controller.ts';
export { installPeer, peerProblem } from './peer-install.ts';

const TOOL_TIMEOUT_MS = 60_000;

/** What a finished program said; code is -1 when a signal ended it. */
export interface ToolResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs upstream's kubeseal with nothing from our environment but PATH and HOME. */
export async function upstreamKubeseal(
  args: readonly string[],
  {
    stdin = '',
    env = {},
    cwd,
  }: { readonly stdin?: string; readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Promise<ToolResult> {
  const { kubeseal } = await installPeer();
  const { PATH, HOME } = process.env;
  const child = spawn(kubeseal, args, {
    cwd,
    env: { PATH, HOME, ...env },
    timeout: TOOL_TIMEOUT_MS,
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
