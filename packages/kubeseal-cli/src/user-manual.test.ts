import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClusterWorld, startClusterWorld } from './testing/cluster-world.ts';
import { KEY, vector } from './testing/keys.ts';

const PAGE = join(import.meta.dirname, '../../../docs/kubeseal.md');
const BIN = join(import.meta.dirname, '../bin/kubeseal.ts');
/** A shell block: `sh`, or `sh exit=1` where it must fail. */
const BLOCK = /^```sh(?: exit=(\d))?\n([\s\S]*?)^```$/gm;
const blocks = [...(await readFile(PAGE, 'utf8')).matchAll(BLOCK)].map(([, code = '0', script = '']) => ({
  code: Number(code),
  script,
  title: script.split('\n').find((line) => line.includes('kubeseal')) ?? script,
}));

describe('docs/kubeseal.md', () => {
  let world: ClusterWorld;
  let directory: string;
  beforeAll(async () => {
    world = await startClusterWorld();
    directory = await mkdtemp(join(tmpdir(), 'kubeseal-manual-'));
    await mkdir(join(directory, 'bin'));
    const program = join(directory, 'bin', 'kubeseal');
    await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`);
    await chmod(program, 0o755);
    await writeFile(join(directory, 'main.key'), KEY);
    await writeFile(join(directory, 'other.key'), vector('keys/rsa2048-b.pkcs8.pem'));
  });
  afterAll(async () => {
    await world.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('has a command for each mode', () => {
    const text = blocks.map(({ script }) => script).join('');
    for (const flag of [
      'raw',
      'merge-into',
      're-encrypt',
      'validate',
      'fetch-cert',
      'recovery-unseal',
      'offline',
    ])
      expect(text).toContain(`--${flag}`);
  });
  it.each(blocks)('ends with $code where it says: $title', async ({ code, script }) => {
    const env = {
      PATH: `${join(directory, 'bin')}${delimiter}${process.env['PATH']}`,
      HOME: directory,
      KUBECONFIG: world.cluster.adminKubeconfig,
    };
    const { promise, resolve } = Promise.withResolvers<{ code: number; stderr: string }>();
    execFile('sh', ['-euc', script], { cwd: directory, env }, (error, _stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), stderr }),
    );
    const result = await promise;
    expect(result).toEqual({
      code,
      stderr: code === 0 ? expect.any(String) : expect.stringMatching(/^error: /),
    });
  });
});
