import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from './guide-world.ts';
import { type Said, type Shell, useShell } from './shell.ts';

interface Workflow {
  readonly jobs: { readonly assemble: { readonly steps: readonly { name?: string; run?: string }[] } };
}
interface Pipeline {
  readonly pages: { readonly script: readonly string[] };
}

const workflow = parse(await readFile(join(ROOT, '.github/workflows/pages.yml'), 'utf8')) as Workflow;
const pipeline = parse(await readFile(join(ROOT, '.gitlab-ci.yml'), 'utf8')) as Pipeline;
const onGitHub =
  workflow.jobs.assemble.steps.find(({ name }) => name === 'The documentation of every release')?.run ?? '';
/** Without what this machine has, and what other tests do. */
const onGitLab = pipeline.pages.script.filter((line) => !/apt-get|pnpm/.test(line)).join('\n');
const TOKEN = 'job-token';
/** The files of each release. A stand-in for gh, which asks GitHub, reads them from here. */
const RELEASES: Readonly<Record<string, readonly string[]>> = {
  'v1.0.0': ['kubeseal-1.0.0-linux-amd64.tar.gz'],
  'v1.2.0': ['documentation-1.2.0.tar.gz', 'SHA256SUMS'],
  'v1.10.0': ['documentation-1.10.0.tar.gz'],
};
const GH = `#!/bin/sh
case "$1 $2" in
  'release list') ls releases ;;
  'release view') ls "releases/$3" ;;
  'release download') cp "releases/$3"/documentation-*.tar.gz "$7" ;;
  *) exit 2 ;;
esac
`;

const holder = useShell();
let packages: Server;
beforeAll(async () => {
  const { shell } = holder;
  await shell.write('bin/gh', GH, 0o755);
  packages = createServer(async ({ url = '', headers }, response) => {
    const [, version = '', file = ''] = /\/packages\/generic\/fuin\/([^/]+)\/([^/]+)$/.exec(url) ?? [];
    const isThere = RELEASES[`v${version}`]?.includes(file);
    if (headers['job-token'] !== TOKEN) return response.writeHead(403).end('no');
    return response.writeHead(isThere ? 200 : 404).end(isThere ? file : 'not found');
  });
  await new Promise<void>((resolve) => packages.listen(0, '127.0.0.1', resolve));
});
afterAll(() => void packages?.close());

/** A repository with a tag for each release. */
async function repository(shell: Shell): Promise<void> {
  await shell.sh('rm -rf repo && git init -q repo');
  for (const [tag, files] of Object.entries(RELEASES))
    for (const file of files) await shell.write(`repo/releases/${tag}/${file}`, file);
  const identity = '-c user.name=a -c user.email=a@b.test';
  await shell.sh(`cd repo && git add . && git ${identity} commit -qm x`);
  for (const tag of Object.keys(RELEASES)) await shell.sh(`cd repo && git tag ${tag}`);
}

const runOnGitHub = (shell: Shell) => shell.run(['bash', '-e', '-c', onGitHub], { cwd: 'repo' });
const runOnGitLab = (shell: Shell, token = TOKEN): Promise<Said> => {
  const { port } = packages.address() as AddressInfo;
  const env = {
    CI_API_V4_URL: `http://127.0.0.1:${port}`,
    CI_PROJECT_ID: '1',
    CI_JOB_TOKEN: token,
    NO_PROXY: '127.0.0.1',
  };
  return shell.run(['bash', '-eo', 'pipefail', '-c', onGitLab], { cwd: 'repo', env });
};

describe.each([
  ['GitHub', runOnGitHub],
  ['GitLab', runOnGitLab],
])('the documentation of all releases on %s', (_name, run) => {
  it('is fetched, and a release that has none is named and left out', async () => {
    const { shell } = holder;
    await repository(shell);
    expect(await run(shell)).toEqual({
      code: 0,
      stdout: 'note: v1.0.0 has no documentation, and is left out\n',
      stderr: '',
    });
    expect((await shell.sh('cd repo/archives && grep . *')).stdout).toBe(
      ['1.10.0', '1.2.0']
        .map((each) => `documentation-${each}.tar.gz`)
        .map((each) => `${each}:${each}\n`)
        .join(''),
    );
  });
});

describe('a release whose files cannot be asked for', () => {
  it('ends the job on GitHub', async () => {
    const { shell } = holder;
    await repository(shell);
    await shell.sh('chmod -x bin/gh');
    expect((await runOnGitHub(shell)).code).not.toBe(0);
    await shell.write('bin/gh', GH.replace("view') ls", "view') false"), 0o755);
    expect((await runOnGitHub(shell)).code).not.toBe(0);
  });
  it('ends the job on GitLab', async () => {
    const { shell } = holder;
    await repository(shell);
    expect(await runOnGitLab(shell, 'revoked')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('the server answered 403'),
    });
  });
});
