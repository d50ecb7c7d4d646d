import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { normalise, patternOf } from '../support/pages/output.ts';
import { documentedBlocks, titleOf } from '../support/pages/page.ts';
import { clusterKeys } from '../support/repository/cluster-keys.ts';
import { makeRepository, writeRepository } from '../support/repository/repository.ts';

const PAGE = 'docs/day-two.md';
const KUBESEAL = join(import.meta.dirname, '../../packages/kubeseal-cli/bin/kubeseal.ts');
const blocks = documentedBlocks().filter(({ page }) => page === PAGE);
const COMMANDS = 'create set keys inspect re-encrypt diff check validate why cert copy exec import git'.split(
  ' ',
);

describe(`${PAGE}, on a repository of 300 SealedSecrets for three clusters`, () => {
  let scratch: string;
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'fuin-day-two-'));
    await writeRepository(await makeRepository({ count: 300 }), join(scratch, 'repository'));
    await writeFile(join(scratch, 'eu.pem'), (await clusterKeys(3, 2048)).certificate);
    await mkdir(join(scratch, 'bin'));
    await writeFile(
      join(scratch, 'bin', 'kubeseal'),
      `#!/bin/sh\nexec '${process.execPath}' '${KUBESEAL}' "$@"\n`,
    );
    await chmod(join(scratch, 'bin', 'kubeseal'), 0o755);
    const identity = 'git config user.name Ann && git config user.email ann@example.com';
    expect(await play(`git init -q && ${identity} && git add . && git commit -qm Begin`)).toMatchObject({
      code: 0,
    });
  });
  afterAll(() => rm(scratch, { recursive: true, force: true }));

  it.each(blocks.map((block) => [titleOf(block), block] as const))(
    'does what it says at %s',
    async (_title, { script, exitCode, output: shown }) => {
      const { code, output } = await play(script);
      expect({ code, output }).toEqual({ code: exitCode, output: expect.any(String) });
      if (shown !== undefined) expect(normalise(output)).toEqual(expect.stringMatching(patternOf(shown)));
    },
  );
  it('has a command for each task', () => {
    const text = blocks.map(({ script }) => script).join('');
    expect(COMMANDS.filter((command) => !text.includes(`kubeseal ${command} `))).toEqual([]);
  });

  /** Runs commands in the repository, with both streams as one, as a terminal shows them. */
  function play(script: string): Promise<{ code: number; output: string }> {
    const env = {
      PATH: `${join(scratch, 'bin')}:${process.env['PATH']}`,
      HOME: scratch,
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
    };
    const options = { cwd: join(scratch, 'repository'), env, maxBuffer: 1 << 24 };
    return new Promise((resolve) =>
      execFile('sh', ['-euc', `exec 2>&1\n${script}`], options, (error, output) =>
        resolve({ code: Number(error?.code ?? 0), output }),
      ),
    );
  }
});
