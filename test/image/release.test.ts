import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VERSION } from '../../packages/kubeseal-cli/src/version.ts';
import { hostPlatform } from '../../scripts/executable/platforms.ts';
import { buildRelease } from '../../scripts/release/release.ts';
import { OTHER_PLATFORM } from '../support/tools/image-tools.ts';
import { describeEmulated } from './emulated.ts';
import { describeLinuxPackages } from './linux-packages.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const SOURCES = ['LICENSE', 'deploy', 'package.json', 'packages', 'scripts', 'tsconfig.json'];
const TIMEOUT_MS = 600_000;
/** In an ELF file: e_machine, a number of two bytes (System V ABI, chapter 4). */
const MACHINE = { offset: 18, ofPlatform: { 'linux-amd64': 62, 'linux-arm64': 183 } } as const;
/** What Node's executables hold; the digit is 1 where a program was put in. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:';

const archiveOf = (platform: string) => `kubeseal-${VERSION}-${platform}.tar.gz`;
let directory: string;
const at = (...names: readonly string[]) => join(directory, ...names);

/** A second checkout, in a directory of another name, from which a release is made as a user would. */
async function releaseElsewhere(): Promise<void> {
  const checkout = at('another', 'checkout');
  const isSource = (path: string) => !['.cache', 'dist'].includes(basename(path));
  for (const name of SOURCES)
    await cp(join(root, name), join(checkout, name), {
      recursive: true,
      verbatimSymlinks: true,
      filter: isSource,
    });
  // not a link to the directory: the bundler orders modules by their real paths
  const modules = [join(root, 'node_modules'), join(checkout, 'node_modules')];
  await run('cp', ['-al', ...modules]).catch(() => run('cp', ['-a', ...modules])); // links, on one disk
  const command = [
    'scripts/release/release.ts',
    '--platform',
    hostPlatform(),
    '--only',
    'kubeseal',
    at('second'),
  ];
  await run(process.execPath, command, { cwd: checkout });
}

/** Takes an archive apart, once. */
async function unpack(platform: string): Promise<string> {
  const target = at(platform);
  if (existsSync(target)) return target;
  await mkdir(target);
  await run('tar', ['-xzf', at('first', archiveOf(platform)), '-C', target]);
  return target;
}

describe('a release', () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fuin-release-test-'));
    const platforms = [hostPlatform(), OTHER_PLATFORM];
    await Promise.all([
      buildRelease({ outDir: at('first'), platforms, programs: ['kubeseal'] }),
      releaseElsewhere(),
    ]);
  }, TIMEOUT_MS);
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('has a checksum for every file, and all are right', async () => {
    const { stdout } = await run('sha256sum', ['--strict', '-c', 'SHA256SUMS'], { cwd: at('first') });
    const checked = stdout
      .trim()
      .split('\n')
      .map((line) => line.replace(/: OK$/, ''));
    expect([...checked, 'SHA256SUMS'].sort()).toEqual((await readdir(at('first'))).sort());
  });

  it('has the same bytes when it is made again, from another checkout', async () => {
    const first = (await readFile(at('first', 'SHA256SUMS'), 'utf8')).split('\n');
    const second = (await readFile(at('second', 'SHA256SUMS'), 'utf8')).split('\n');
    expect(second.filter((line) => line.includes('.tar.gz'))).toHaveLength(1);
    expect(first).toEqual(expect.arrayContaining(second));
  });

  it("holds, for this machine, a program that needs nobody's Node, and what goes with it", async () => {
    const target = await unpack(hostPlatform());
    const files = await readdir(target, { recursive: true, withFileTypes: true });
    const names = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
    expect(names.map((name) => name.slice(target.length + 1)).sort()).toEqual([
      'LICENSE',
      'THIRD-PARTY-NOTICES.txt',
      'completions/kubeseal.bash',
      'completions/kubeseal.fish',
      'completions/kubeseal.ps1',
      'completions/kubeseal.zsh',
      'kubeseal',
      'man/kubeseal.1',
    ]);
    const { stdout } = await run(join(target, 'kubeseal'), ['--version'], { env: {} });
    expect(stdout).toBe(`kubeseal version: ${VERSION}\n`);
    const notices = await readFile(join(target, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
    expect(notices).toMatch(/^yaml 2\.\d+\.\d+\nISC$/m);
    expect(notices).toMatch(/^github\.com\/Masterminds\/sprig\/v3 v3\.\d+\.\d+\nMIT$/m);
    expect(notices).toContain(`\nnode ${process.versions.node}\nMIT\n`);
  });

  it('holds, for the other architecture, a Node of that architecture with a program in it', async () => {
    const program = await readFile(join(await unpack(OTHER_PLATFORM), 'kubeseal'));
    expect(program.readUInt16LE(MACHINE.offset)).toBe(MACHINE.ofPlatform[OTHER_PLATFORM]);
    expect(program.subarray(program.indexOf(FUSE)).toString('latin1', 0, FUSE.length + 1)).toBe(`${FUSE}1`);
    expect(program.indexOf(`kubeseal version: `)).toBeGreaterThan(0);
  });

  it('lists in a bill of materials what is in it: packages, Go modules and the parts of Node', async () => {
    const name = archiveOf(hostPlatform()).replace('.tar.gz', '.cdx.json');
    const bill = JSON.parse(await readFile(at('first', name), 'utf8'));
    expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' });
    const purls: string[] = bill.components.map(({ purl }: { purl: string }) => purl.replace(/@.*/, ''));
    expect(purls).toEqual(
      expect.arrayContaining(['pkg:npm/undici', 'pkg:npm/yaml', 'pkg:golang/stdlib', 'pkg:generic/node']),
    );
    const node = bill.components.find((component: { name: string }) => component.name === 'node');
    expect(node.components).toContainEqual(
      expect.objectContaining({ name: 'openssl', version: process.versions.openssl }),
    );
  });

  describeEmulated(
    () => directory,
    () => unpack(OTHER_PLATFORM),
  );
  describeLinuxPackages(() => directory);

  it('is never written over another', async () => {
    await expect(buildRelease({ outDir: at('first') })).rejects.toMatchObject({ code: 'EEXIST' });
  });
});
