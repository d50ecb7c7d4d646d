import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { VERSION } from '../../packages/kubeseal-cli/src/version.ts';
import { platformOf } from '../../scripts/executable/platforms.ts';
import { writeSystem } from '../../scripts/image/root-file-system.ts';
import { OTHER_PLATFORM } from '../support/tools/image-tools.ts';

const run = promisify(execFile);
const VECTORS = join(import.meta.dirname, '../vectors/kubeseal');
const { arch } = platformOf(OTHER_PLATFORM);
/** Runs programs of the other architecture. */
export const EMULATOR = arch === 'arm64' ? 'qemu-aarch64' : 'qemu-x86_64';

/**
 * The program for the other architecture, on the libraries that the image for it holds.
 *
 * @param directory of a release, once it is made
 * @param unpacked gives the folder with the archive's content
 */
export function describeEmulated(directory: () => string, unpacked: () => Promise<string>): void {
  describe(`its program for ${OTHER_PLATFORM}, under ${EMULATOR}`, () => {
    const system = () => join(directory(), 'system');
    let kubeseal: string;
    beforeAll(async () => {
      await mkdir(system());
      await writeSystem(system(), arch);
      kubeseal = join(await unpacked(), 'kubeseal');
      const secret =
        '{"metadata": {"name": "a", "namespace": "blue"}, "stringData": {"password": "hunter2"}}';
      await writeFile(join(directory(), 'secret.json'), secret);
    });
    const emulated = (...args: readonly string[]) =>
      run(EMULATOR, ['-L', system(), kubeseal, ...args], { cwd: directory(), env: { HOME: directory() } });

    it('starts', async () => {
      expect(await emulated('--version')).toEqual({ stdout: `kubeseal version: ${VERSION}\n`, stderr: '' });
    });
    it('seals, and opens what it sealed', async () => {
      await emulated('--cert', join(VECTORS, 'a.crt'), '-f', 'secret.json', '-w', 'sealed.json');
      const key = join(VECTORS, 'a.pkcs1.key');
      const opened = await emulated('--recovery-unseal', '--recovery-private-key', key, '-f', 'sealed.json');
      expect(JSON.parse(opened.stdout).data).toEqual({ password: btoa('hunter2') });
    });
  });
}
