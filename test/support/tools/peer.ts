import { installPeer } from './peer-install.ts';
import { runTool, type ToolInput, type ToolResult } from './run-tool.ts';

export { installPeer, peerProblem } from './peer-install.ts';

/** Runs upstream's kubeseal with nothing from our environment but PATH and HOME. */
export async function upstreamKubeseal(
  args: readonly string[],
  { stdin, env = {}, cwd }: Partial<ToolInput> = {},
): Promise<ToolResult> {
  const { kubeseal } = await installPeer();
  const { PATH, HOME } = process.env;
  return runTool([kubeseal, ...args], { stdin, env: { PATH, HOME, ...env }, cwd });
}
