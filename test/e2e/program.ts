import { join } from 'node:path';
import { runTool, type ToolResult } from '../support/tools/run-tool.ts';

/** Our controller's program. */
export const PROGRAM = join(
  import.meta.dirname,
  '../../packages/controller/bin/sealed-secrets-controller.ts',
);

/** Runs a program of ours to its end; with nothing of our environment but PATH. */
export function runToEnd(program: string, args: readonly string[], stdin = ''): Promise<ToolResult> {
  return runTool([process.execPath, program, ...args], { stdin, env: { PATH: process.env['PATH'] } });
}
