import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { VERSION } from '../../packages/kubeseal-cli/src/version.ts';
import { sha256OfFile } from '../../scripts/archive.ts';
import { OWNER } from '../../scripts/owner.ts';
import { writeLinuxPackages } from '../../scripts/packages/linux.ts';
import { hostArchitecture } from '../support/tools/image-tools.ts';

const run = promisify(execFile);
/** lintian does not believe the address of nobody. */
const owner = {
  ...OWNER,
  repository: 'https://git.example.org/team/fuin',
  maintainer: 'Team <team@example.org>',
};
const fileOf = (format: string) => `kubeseal-${VERSION}-linux-${hostArchitecture()}.${format}`;

/** @param directory of a release with the archive for this machine, once it is made */
export function describeLinuxPackages(directory: () => string): void {
  describe('its packages for Debian and Red Hat', () => {
    const at = (...names: readonly string[]) => join(directory(), 'packages', ...names);
    const write = (outDir: string) => {
      const file = join(directory(), 'first', fileOf('tar.gz'));
      return writeLinuxPackages(outDir, { file, version: VERSION, arch: hostArchitecture() }, owner);
    };
    beforeAll(async () => {
      await mkdir(at(), { recursive: true });
      expect((await write(at())).sort()).toEqual([fileOf('deb'), fileOf('rpm')]);
    });

    it('are the same bytes when they are made again', async () => {
      await mkdir(at('again'));
      await write(at('again'));
      for (const format of ['deb', 'rpm'])
        expect(await sha256OfFile(at('again', fileOf(format)))).toBe(await sha256OfFile(at(fileOf(format))));
      await rm(at('again'), { recursive: true });
    });

    it('for Debian has nothing that lintian would complain of', async () => {
      const { stdout } = await run('lintian', [
        '--fail-on',
        'error,warning',
        '--tag-display-limit',
        '0',
        at(fileOf('deb')),
      ]);
      expect(stdout).toBe('');
    });

    it('for Debian is installed by dpkg, which finds its dependencies, and is removed again', async () => {
      const root = at('debian');
      const dpkg = (...args: readonly string[]) => run('dpkg', [`--root=${root}`, ...args]);
      await mkdir(join(root, 'var/lib/dpkg/info'), { recursive: true });
      await mkdir(join(root, 'var/lib/dpkg/updates'));
      // what is installed here counts as installed there
      await writeFile(join(root, 'var/lib/dpkg/status'), await readFile('/var/lib/dpkg/status'));
      await dpkg('--install', at(fileOf('deb')));
      expect((await dpkg('--status', 'kubeseal')).stdout).toMatch(/^Status: install ok installed$/m);
      await expectPrograms(root);
      await dpkg('--remove', 'kubeseal');
      await expect(run(join(root, 'usr/bin/kubeseal'))).rejects.toMatchObject({ code: 'ENOENT' });
    });

    it('for Red Hat has right checksums, names its libraries and is installed by rpm', async () => {
      const root = at('red-hat');
      const rpm = (...args: readonly string[]) => run('rpm', ['--root', root, ...args]);
      await mkdir(root);
      expect((await run('rpm', ['--checksig', at(fileOf('rpm'))])).stdout).toMatch(/: digests OK$/m);
      const { stdout } = await run('rpm', ['-qp', '--requires', at(fileOf('rpm'))]);
      expect(stdout.split('\n')).toEqual(expect.arrayContaining(['glibc >= 2.28', 'libatomic', 'libstdc++']));
      await rpm('--initdb');
      await rpm('--install', '--nodeps', '--ignorearch', at(fileOf('rpm'))); // no package of Red Hat is there
      await expectPrograms(root);
      expect((await rpm('--verify', '--nodeps', 'kubeseal')).stdout).toBe('');
    });
  });
}

/** The installed program runs, and has its manual where man looks. */
async function expectPrograms(root: string): Promise<void> {
  const { stdout } = await run(join(root, 'usr/bin/kubeseal'), ['--version'], { env: {} });
  expect(stdout).toBe(`kubeseal version: ${VERSION}\n`);
  const manual = await run('man', ['--where', join(root, 'usr/share/man/man1/kubeseal.1.gz')]);
  expect(manual.stdout).toContain('kubeseal.1.gz');
}
