import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type PUBLISHED, packPackages } from '../../scripts/release/npm-packages.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');

const INSTALLED = join(ROOT, 'packages/crypto-core/node_modules');
const NOBLE = '@panva/hpke-noble';
/** What one of the packages below depends on itself: it stands beside it. */
const OF_NOBLE = ['@noble/ciphers', '@noble/curves', '@noble/hashes', '@noble/post-quantum'];

/** All packages of others that the published ones depend on. */
export const DEPENDENCIES = ['@scure/base', 'hpke', 'node-forge', NOBLE, ...OF_NOBLE] as const;

/** An empty project of somebody else's into which the packed packages were installed. */
export interface Project {
  readonly directory: string;
  /** The packed packages by their folder below `packages`. */
  readonly tarballs: Readonly<Record<string, string>>;
  /** Runs a shell script in the project with a Node of the caller's choice, and gives what it printed. */
  shell(script: string, node: string): Promise<string>;
  remove(): Promise<void>;
}

/**
 * Packs the packages and installs them with npm, without a network: what they depend on is packed from this
 * workspace.
 */
export async function installPackages(): Promise<Project> {
  const world = await mkdtemp(join(tmpdir(), 'packages-'));
  const directory = join(world, 'project');
  const tarballs = await packPackages(join(world, 'packed'));
  const packing = DEPENDENCIES.map(async (name) => [name, await pack(name, join(world, 'packed'))]);
  await mkdir(directory);
  const manifest = {
    private: true,
    type: 'module',
    overrides: Object.fromEntries(await Promise.all(packing)),
  };
  await writeFile(join(directory, 'package.json'), JSON.stringify(manifest));
  const env = { ...process.env, npm_config_cache: join(world, 'cache'), npm_config_update_notifier: 'false' };
  const options = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts'];
  await run('npm', ['install', ...options, ...Object.values(tarballs)], { cwd: directory, env });
  return {
    directory,
    tarballs,
    shell: async (script, node) => {
      const PATH = [dirname(node), process.env['PATH']].join(delimiter);
      const settings = { cwd: directory, env: { ...env, PATH, HOME: world } };
      const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', script], settings);
      return stdout;
    },
    remove: () => rm(world, { recursive: true, force: true, maxRetries: 10 }),
  };
}

/** Code blocks of a package's README in one language, in order. */
export async function blocksOf(
  name: (typeof PUBLISHED)[number],
  language: 'js' | 'sh',
): Promise<readonly string[]> {
  const text = await readFile(join(ROOT, 'packages', name, 'README.md'), 'utf8');
  const block = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm');
  return [...text.matchAll(block)].map(([, code = '']) => code);
}

/** Packs an installed package of others, and gives it as a dependency on that file. */
async function pack(name: string, destination: string): Promise<string> {
  const beside = join(await realpath(join(INSTALLED, NOBLE)), '../..');
  const source = join(OF_NOBLE.includes(name) ? beside : INSTALLED, name);
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', destination], {
    cwd: source,
  });
  return `file:${join(destination, stdout.trim())}`;
}
