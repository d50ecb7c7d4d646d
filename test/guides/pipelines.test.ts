import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { guideTool } from '../support/tools/guide-tools.ts';
import { serveFiles } from './file-server.ts';
import { ROOT, useGuideWorld } from './guide-world.ts';
import { useShell } from './shell.ts';

const GITHUB = join(ROOT, 'examples', 'github-actions', 'sealed-secrets.yaml');
const GITLAB = join(ROOT, 'examples', 'gitlab-ci', 'sealed-secrets.yml');
const SEALED = join(ROOT, 'examples', 'shop', 'secrets', 'db.yaml');
const PLAIN = 'kind: Secret\nmetadata: {name: db}\nstringData: {password: hunter2}\n';

interface Workflow {
  readonly jobs: Record<string, { env: Record<string, string>; steps: { name?: string; run?: string }[] }>;
}
type Pipeline = Record<
  string,
  { script?: string[]; before_script?: string[]; variables?: Record<string, string> }
>;

const holder = useGuideWorld();
const bench = useShell();
const workflow = parse(await readFile(GITHUB, 'utf8')) as Workflow;
const pipeline = parse(await readFile(GITLAB, 'utf8')) as Pipeline;

beforeAll(async () => {
  await holder.world.start();
  await bench.shell.sh('git init -q repo');
  await restore();
});

/** A repository with one SealedSecret, and no more. */
async function restore(): Promise<void> {
  const { shell } = bench;
  await shell.sh('cd repo && git rm -rqf --ignore-unmatch .');
  await shell.write('repo/README.md', 'kind: Secret\n');
  await copyFile(SEALED, shell.path('repo/db.yaml'));
  await shell.sh('cd repo && git add .');
}

/** The same two checks in both: what they run, by what it is for. */
const CHECKS: Readonly<
  Record<string, { readonly clear: string; readonly opens: string; readonly shell: string[] }>
> = {
  'GitHub Actions': {
    clear: step('check', 'Nothing in the clear'),
    opens: step('validate', 'The cluster can open them'),
    shell: ['bash', '-e', '-c'],
  },
  'GitLab CI': {
    clear: pipeline['nothing-in-the-clear']?.script?.join('\n') ?? '',
    opens: pipeline['cluster-can-open-them']?.script?.join('\n') ?? '',
    shell: ['bash', '-eo', 'pipefail', '-c'],
  },
};

function step(job: string, name: string): string {
  return workflow.jobs[job]?.steps.find((each) => each.name === name)?.run ?? '';
}

describe.each(Object.entries(CHECKS))('the pipeline for %s', (_name, { clear, opens, shell }) => {
  const run = (script: string) =>
    bench.shell.run([...shell, script], {
      cwd: 'repo',
      env: { KUBECONFIG: holder.world.cluster.adminKubeconfig },
    });

  it('passes a repository with a SealedSecret that the cluster can open', async () => {
    await restore();
    expect(await run(clear)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await run(opens)).toEqual({ code: 0, stdout: 'db.yaml\n', stderr: '' });
  });
  it('fails when a Secret is in the clear, and names the file', async () => {
    await restore();
    await bench.shell.write('repo/a b.yaml', PLAIN);
    await bench.shell.sh('cd repo && git add .');
    const { code, stderr } = await run(clear);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/^error: document 1 of a b\.yaml is a Secret in the clear: db\n/);
  });
  it('fails when a SealedSecret cannot be opened, also when it is not the last', async () => {
    await restore();
    const sealed = await readFile(SEALED, 'utf8');
    await bench.shell.write('repo/a b.yaml', sealed.replace('namespace: shop', 'namespace: market'));
    await bench.shell.sh('cd repo && git add .');
    const { code, stderr } = await run(opens);
    expect(code).not.toBe(0);
    expect(stderr).toContain('unable to decrypt sealed secret: db');
  });
  it('has nothing to validate in a repository without SealedSecrets', async () => {
    await restore();
    await bench.shell.sh('cd repo && git rm -qf db.yaml');
    expect(await run(opens)).toMatchObject({ code: 0, stdout: '' });
  });
});

describe('the reports for code scanning and code quality', () => {
  const REPORTS = [
    [
      'GitHub Actions',
      step('code-scanning', 'Write the report'),
      'check.sarif',
      'docs/guides/github-actions.md',
    ],
    [
      'GitLab CI',
      pipeline['code-quality']?.script?.join('\n') ?? '',
      'gl-code-quality-report.json',
      'docs/guides/gitlab-ci.md',
    ],
  ] as const;

  it.each(REPORTS)(
    'are written whether there are findings or not (%s)',
    async (_name, script, file, page) => {
      await restore();
      expect(await readFile(join(ROOT, page), 'utf8')).toContain(`\n${script}\n`);
      const { shell } = bench;
      const env = { RUNNER_TEMP: shell.path('repo') };
      const write = () => shell.run(['bash', '-eo', 'pipefail', '-c', script], { cwd: 'repo', env });
      expect(await write()).toMatchObject({ code: 0 });
      await shell.write('repo/plain.yaml', PLAIN);
      expect(await write()).toMatchObject({ code: 0 });
      const report = await readFile(shell.path(`repo/${file}`), 'utf8');
      expect(report).toContain('document 1 of plain.yaml is a Secret in the clear: db');
      expect(report).not.toContain('hunter2');
      await shell.sh('rm repo/plain.yaml');
    },
  );
  it('fail the job if a file cannot be read', async () => {
    await bench.shell.sh('ln -s gone repo/broken.yaml');
    for (const [, script] of REPORTS) {
      const env = { RUNNER_TEMP: bench.shell.path('repo') };
      const { code } = await bench.shell.run(['bash', '-eo', 'pipefail', '-c', script], { cwd: 'repo', env });
      expect(code).not.toBe(0);
    }
    await bench.shell.sh('rm repo/broken.yaml');
  });
});

describe('the steps that install kubeseal', () => {
  const VERSION = '0.1.0';
  const archive = `kubeseal-${VERSION}-linux-amd64.tar.gz`;
  const INSTALLERS = {
    'GitHub Actions': step('check', 'Install kubeseal'),
    'GitLab CI': (pipeline['.kubeseal']?.before_script ?? [])
      .filter((line) => !line.includes('apt-get')) // what the machine of this test has
      .join('\n')
      .replaceAll('/usr/local/bin', '"$HOME/bin"'),
  };
  it.each(Object.entries(INSTALLERS))('put it on the PATH (%s)', async (_name, script) => {
    const { shell } = bench;
    await shell.write('made/kubeseal', '#!/bin/sh\necho it runs\n', 0o755);
    await shell.sh(`mkdir -p release work && tar -C made -czf release/${archive} kubeseal`);
    await shell.sh(
      `cd release && sha256sum ${archive} > SHA256SUMS && echo "$(sha256sum /dev/null)" >> SHA256SUMS`,
    );
    const install = (name: string) =>
      serveFiles(shell.path('release'), (RELEASE) =>
        shell.run(['bash', '-eo', 'pipefail', '-c', script], {
          cwd: 'work',
          env: { RELEASE, VERSION, HOME: shell.path(name), GITHUB_PATH: shell.path('github-path') },
        }),
      );
    await shell.sh('mkdir -p good/bin bad/bin');
    expect(await install('good')).toMatchObject({ code: 0 });
    expect(await shell.run([shell.path('good/bin/kubeseal')])).toMatchObject({ stdout: 'it runs\n' });
    await shell.sh(`printf x >> release/${archive}`); // somebody has changed it
    expect((await install('bad')).code).not.toBe(0);
  });
  it("install what kubeseal's executable is linked to and the image lacks (GitLab CI)", async () => {
    const install = (pipeline['.kubeseal']?.before_script ?? []).find((line) =>
      line.includes('apt-get install'),
    );
    // debian:bookworm-slim has libc6, and with apt libgcc-s1 and libstdc++6
    const present = ['libc6', 'libgcc-s1', 'libstdc++6'];
    const { stdout } = await bench.shell.run(['ldd', process.execPath]);
    const libraries = [...stdout.matchAll(/^\s*(\S+\.so\S*) =>/gm)].map(([, library]) => library ?? '');
    const owners = await bench.shell.run(['dpkg-query', '-S', ...libraries.map((library) => `*/${library}`)]);
    const packages = new Set(owners.stdout.split('\n').map((line) => line.split(':')[0] ?? ''));
    expect(libraries.length).toBeGreaterThan(3);
    const needed = [...packages].filter((name) => /^lib/.test(name) && !present.includes(name));
    expect(needed).toContain('libatomic1');
    expect(needed.filter((name) => !install?.split(' ').includes(name))).toEqual([]);
  });
  it('are about the version that the example names', () => {
    for (const { env } of Object.values(workflow.jobs)) expect(env['VERSION']).toBe(VERSION);
    expect(pipeline['.kubeseal']?.variables?.['VERSION']).toBe(VERSION);
  });
});

describe('the workflow for GitHub Actions', () => {
  it('passes actionlint', async () => {
    expect(await bench.shell.run([guideTool('actionlint'), GITHUB])).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });
});
