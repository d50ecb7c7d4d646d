import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const VERSION = '4.139.1';
const CACHE = join(import.meta.dirname, '.cache');
const directory = join(CACHE, `code-server@${VERSION}`);

/** What the server and the extension host of VS Code load of their packages. */
const NEEDED = [
  '@microsoft/1ds-core-js',
  '@microsoft/1ds-post-js',
  '@vscode/iconv-lite-umd',
  '@vscode/proxy-agent',
  'cookie',
  'http-proxy-agent',
  'https-proxy-agent',
  'jschardet',
  'minimist',
  'vscode-regexpp',
  'ws',
  'yauzl',
  'yazl',
];
/** What of it is unpacked: of the extensions, those that know files of YAML and JSON. */
const PARTS = [
  'out',
  'resources',
  'package.json',
  'product.json',
  'npm-shrinkwrap.json',
  ...['yaml', 'json', 'theme-defaults'].map((name) => `extensions/${name}`),
];

/** The program of VS Code's server: `node FILE --help` lists its flags. */
export const vscodeServer = join(directory, 'out/server-main.js');

/**
 * Fetches the server of VS Code, which npm has as a part of code-server. No script of a package runs, so that
 * it has no terminal, no search and no native watcher of files, which extensions do without.
 */
export async function installCodeServer(): Promise<void> {
  if (existsSync(directory)) return;
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, 'download-'));
  try {
    await run('npm', ['pack', '--silent', `code-server@${VERSION}`], { cwd: work });
    const parts = PARTS.map((name) => `package/lib/vscode/${name}`);
    await run('tar', ['-xzf', `code-server-${VERSION}.tgz`, ...parts], { cwd: work });
    const server = join(work, 'package/lib/vscode');
    await keepNeeded(join(server, 'package.json'));
    const flags = ['--omit=dev', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund'];
    await run('npm', ['install', '--silent', ...flags], { cwd: server });
    await rename(server, directory);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function keepNeeded(file: string): Promise<void> {
  const manifest = JSON.parse(await readFile(file, 'utf8')) as { dependencies: Record<string, string> };
  const dependencies = Object.fromEntries(
    Object.entries(manifest.dependencies).filter(([name]) => NEEDED.includes(name)),
  );
  await writeFile(file, JSON.stringify({ ...manifest, dependencies, optionalDependencies: {} }));
}
