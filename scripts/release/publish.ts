import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { VERSION } from '../../packages/kubeseal-cli/src/version.ts';
import { goTool } from '../go-tool.ts';
import { OWNER, type Owner, unfilledNames } from '../owner.ts';
import { describeSteps, publishSteps, type Step } from './publishing.ts';

/**
 * `node scripts/release/publish.ts [--dry-run] DIRECTORY`: pushes what release.ts made, one step after the
 * other (publishing.ts), or prints the steps. For a CI job that may prove its identity. REGISTRY_USER and
 * REGISTRY_PASSWORD are for the registry.
 */
const TOOLS = ['crane', 'helm', 'cosign'] as const;

/** Runs steps in the folder of a release, and stops at the first that fails. */
export async function runSteps(
  directory: string,
  steps: readonly Step[],
  tools: readonly (typeof TOOLS)[number][] = TOOLS,
): Promise<void> {
  const layout = await mkdtemp(join(tmpdir(), 'fuin-publish-'));
  try {
    const image = (await readdir(directory)).find((name) => name.endsWith('.oci.tar'));
    if (image) await promisify(execFile)('tar', ['-xf', join(directory, image), '-C', layout]);
    const folders = await Promise.all(tools.map(async (name) => dirname(await goTool(name))));
    const PATH = [...folders, process.env['PATH']].join(delimiter);
    const env = { ...process.env, PATH, IMAGE_LAYOUT: layout };
    for (const step of steps) if (step.command !== '') await runStep(step, directory, env);
  } finally {
    await rm(layout, { recursive: true, force: true });
  }
}

async function runStep({ what, where, command }: Step, cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  console.log(`${what} -> ${where}`);
  const child = spawn('sh', ['-euc', command], { cwd, env, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${what} was not published: ${command} ended with ${code}`);
}

/** Paths of all files of a release, in it. */
export async function filesOf(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => join(parentPath, name).slice(directory.length + 1)).sort();
}

/** Lets crane, cosign and helm push, which keep it each in its own file; the password goes over stdin. */
async function logIn({ registry }: Owner): Promise<void> {
  const { REGISTRY_USER: user = '', REGISTRY_PASSWORD: password = '' } = process.env;
  const host = registry.replace(/\/.*/, '');
  const words = [host, '--username', user, '--password-stdin'];
  for (const [name, args] of [
    ['crane', ['auth', 'login', ...words]],
    ['helm', ['registry', 'login', ...words]],
  ] as const) {
    const child = spawn(await goTool(name), args, { stdio: ['pipe', 'inherit', 'inherit'] });
    child.stdin.end(password);
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`${name} could not log in to ${host}: exit code ${code}`);
  }
}

async function main(directory: string, owner: Owner, isDryRun: boolean): Promise<number> {
  const steps = publishSteps(owner, VERSION, await filesOf(directory));
  if (isDryRun) console.log(describeSteps(owner, steps));
  else if (unfilledNames(owner).length > 0) {
    console.error(describeSteps(owner, []).trim());
    return 1;
  } else {
    await logIn(owner);
    await runSteps(directory, steps);
  }
  return 0;
}

if (import.meta.main) {
  const options = { 'dry-run': { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  process.exitCode = await main(resolve(positionals[0] ?? 'release'), OWNER, values['dry-run']);
}
