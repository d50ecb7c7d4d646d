import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { PATIENCE_MS } from '../support/time/patience.ts';
import { upstreamKubeseal } from '../support/tools/peer.ts';
import type { ToolResult } from '../support/tools/run-tool.ts';

const BIN = join(import.meta.dirname, '../../packages/kubeseal-cli/bin/kubeseal.ts');

/** Surroundings of a run. */
export interface RunOptions {
  readonly stdin?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** A `kubeseal`, ours or upstream's, as a process. */
export type Kubeseal = (args: readonly string[], options?: RunOptions) => Promise<ToolResult>;

/** Runs our kubeseal with nothing from our environment but PATH and HOME. */
export function ourKubeseal(args: readonly string[], options: RunOptions = {}): Promise<ToolResult> {
  const { PATH, HOME } = process.env;
  const { stdin = '', cwd, env = {} } = options;
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [BIN, ...args],
      { cwd, env: { PATH, HOME, ...env }, timeout: PATIENCE_MS, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
        resolve({ code, stdout, stderr });
      },
    );
    child.stdin?.on('error', () => undefined); // it may end without reading its input
    child.stdin?.end(stdin);
  });
}

/** Both, by name. */
export const KUBESEALS: Readonly<Record<'ours' | 'upstream', Kubeseal>> = {
  ours: ourKubeseal,
  upstream: upstreamKubeseal,
};

/** The output of a run that must succeed. */
export async function outputOf(run: Promise<ToolResult>): Promise<string> {
  const { code, stdout, stderr } = await run;
  if (code !== 0) throw new Error(`exit code ${code}: ${stderr}${stdout}`);
  return stdout;
}
