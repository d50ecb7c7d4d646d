import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { signForMacos } from './macos-signature.ts';
import { hostPlatform, nodeFor, platformOf } from './platforms.ts';
import { PROGRAMS, type Program, type Scripts, writeCaches, writeScripts } from './scripts.ts';
import { stripProgram } from './strip.ts';

/**
 * `node scripts/executable/executable.ts [program] [platform]`: a program as one executable file, Node and
 * code cache included, beside the bundle that `build` makes. What loads lazily lies in it as assets, and so
 * does the template engine: nothing else is needed beside the file. The same sources and the same Node give
 * the same bytes, in whatever directory.
 */
const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
/**
 * Node looks for its own --env-file among all arguments before these two dashes, also behind the script. It
 * would load a file of values into the environment, and obey NODE_OPTIONS in it.
 */
const END_OF_NODE_OPTIONS = '--';

/** An executable, and what is in it. */
export interface Executable {
  readonly file: string;
  /** Every module that was bundled (executable-scripts.ts). */
  readonly modules: readonly string[];
}

/** What to build and where to put it. */
export interface BuildOptions {
  readonly output?: string;
  /** A name of PLATFORMS; this machine's by default. */
  readonly platform?: string;
}

/** Builds an executable. Only this machine's own has a code cache: those of others cannot be made here. */
export async function buildExecutable(
  name: Program['name'],
  { platform = hostPlatform(), ...options }: BuildOptions = {},
): Promise<Executable> {
  const program = PROGRAMS[name];
  const { os } = platformOf(platform);
  const extension = os === 'windows' ? '.exe' : '';
  const output = resolve(options.output ?? join(root, program.packageDirectory, `dist/${name}${extension}`));
  const work = await mkdtemp(join(tmpdir(), 'fuin-executable-'));
  try {
    const scripts = await writeScripts(program, work);
    await mkdir(dirname(output), { recursive: true }); // a fresh checkout has no dist
    const caches = platform === hostPlatform() ? await writeCaches(program, work) : [];
    const assets = [...scripts.assets, ...caches];
    await inject({ ...scripts, assets }, program.v8Flags, { work, output, platform });
    if (os === 'darwin') await signForMacos(output, name);
    return { file: output, modules: scripts.modules };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * Puts scripts and assets into a copy of Node. Paths are relative to `work`, since the file keeps the path of
 * the main script.
 */
async function inject(
  { main, assets }: Scripts,
  v8Flags: readonly string[],
  { work, output, platform }: { readonly work: string } & Required<BuildOptions>,
): Promise<void> {
  const config = {
    main,
    output,
    executable: await smallNode(platform, work),
    disableExperimentalSEAWarning: true,
    execArgv: [...v8Flags, END_OF_NODE_OPTIONS],
    assets: Object.fromEntries(assets.map((asset) => [asset, asset])),
  };
  await writeFile(join(work, 'sea.json'), JSON.stringify(config));
  await run(process.execPath, ['--build-sea', 'sea.json'], { cwd: work });
}

/**
 * Path of the Node for a platform; for Linux, without symbols, which are a fifth of its size
 * (docs/adr/0036-size-of-the-executable.md).
 */
async function smallNode(platform: string, work: string): Promise<string> {
  const node = await nodeFor(platform);
  return platformOf(platform).os === 'linux' ? stripProgram(node, join(work, 'node')) : node;
}

/** The program that a word of the command line names. @throws Error with the names there are */
function programOf(name: string): Program['name'] {
  const found = Object.values(PROGRAMS).find((program) => program.name === name);
  if (!found) throw new Error(`no program ${name}: there are ${Object.keys(PROGRAMS).join(', ')}`);
  return found.name;
}

if (import.meta.main) {
  const [name = 'kubeseal', platform = hostPlatform()] = process.argv.slice(2);
  console.log((await buildExecutable(programOf(name), { platform })).file);
}
