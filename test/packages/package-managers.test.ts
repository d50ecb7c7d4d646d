import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PLATFORMS } from '../../scripts/executable/platforms.ts';
import { OWNER } from '../../scripts/owner.ts';
import { releaseOf } from '../../scripts/packages/archives.ts';
import { writePackageManifests } from '../../scripts/packages/manifests.ts';
import { guideTool } from '../support/tools/guide-tools.ts';

const run = promisify(execFile);
const SUMS = Object.keys(PLATFORMS).map((platform, index) => {
  const ending = platform.startsWith('windows') ? 'zip' : 'tar.gz';
  return `${String(index).repeat(64)}  kubeseal-1.2.3-${platform}.${ending}`;
});
const owner = { ...OWNER, repository: 'https://git.example.org/team/fuin' };

/** Who can judge a manifest without the archives, and what it prints. */
const JUDGES: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['homebrew/kubeseal.rb', ['ruby', '-wc'], /^Syntax OK$/m],
  ['aur/PKGBUILD', ['bash', '-n'], /^$/],
  ['nix/kubeseal.nix', ['nix-instantiate', '--parse'], /pname = "kubeseal"/],
  ['krew/seal-secret.yaml', [guideTool('validate-krew-manifest'), '-skip-install', '-manifest'], /./],
];

/** Reads a PKGBUILD like makepkg, and runs its package() where `install` only says what it would do. */
const MAKEPKG = `source "$1"
install() { echo "$@"; }
pkgdir=/package
package
echo "$pkgname $pkgver \${source_x86_64[0]} \${sha256sums_x86_64[0]} \${options[*]}"`;

let directory: string;
const at = (file: string) => join(directory, 'package-managers', file);
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fuin-package-managers-'));
  await writePackageManifests(directory, releaseOf(owner, '1.2.3', SUMS.join('\n')));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('a manifest for a package manager', () => {
  it.each(JUDGES)('%s is accepted by %s', async (file, [program = '', ...args], printed) => {
    const { stdout, stderr } = await run(program, [...args, at(file)], {
      env: { PATH: process.env['PATH'], HOME: directory },
    });
    expect(stdout + stderr).toMatch(printed);
  });
  it('aur/PKGBUILD installs every file below the directory of the package, and keeps the program whole', async () => {
    const { stdout } = await run('bash', ['-euc', MAKEPKG, 'makepkg', at('aur/PKGBUILD')]);
    const lines = stdout.trim().split('\n');
    const summary = lines.pop();
    expect(lines.length).toBeGreaterThan(4);
    for (const line of lines) expect(line).toMatch(/^-Dm(755|644) \S+ \/package\/usr\/\S+$/);
    expect(summary).toBe(
      `fuin-kubeseal-bin 1.2.3 ${owner.repository}/releases/download/v1.2.3/kubeseal-1.2.3-linux-amd64.tar.gz ${'0'.repeat(64)} !strip`,
    );
  });
});
