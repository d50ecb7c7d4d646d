import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { VERSION } from '../../packages/kubeseal-cli/src/version.ts';
import { hostPlatform } from '../../scripts/executable/platforms.ts';
import { buildRelease } from '../../scripts/release/release.ts';
import { guideTool } from '../support/tools/guide-tools.ts';
import { type SecureServer, serveFiles, serveSecurely } from './file-server.ts';
import { ROOT } from './guide-world.ts';
import { type Said, useShell } from './shell.ts';

type Inputs = Readonly<Record<string, string>>;
interface Step {
  readonly name: string;
  readonly env: Inputs;
  readonly run: string;
}
interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}
interface Job {
  readonly variables: Readonly<Record<string, string | { readonly value: string; readonly expand: boolean }>>;
  readonly before_script: readonly string[];
  readonly script: readonly string[];
}
interface Header {
  readonly spec: { readonly inputs: Readonly<Record<string, { default?: string; regex?: string }>> };
}

const ARCHIVE = `kubeseal-${VERSION}-${hostPlatform()}.tar.gz`;
const PLAIN = 'kind: Secret\nmetadata: {name: db}\nstringData: {password: hunter2}\n';
const action = parse(await readFile(join(ROOT, 'action.yml'), 'utf8')) as Action;
const component = await readFile(join(ROOT, 'templates', 'kubeseal.yml'), 'utf8');
const [header, pipeline] = parseAllDocuments(component).map((document) => document.toJS()) as [
  Header,
  Readonly<Record<string, Job>>,
];
const holder = useShell();
let server: SecureServer;
let sum: string;

beforeAll(async () => {
  const { shell } = holder;
  await shell.sh('rm bin/kubeseal'); // only what is published counts
  await buildRelease({ outDir: shell.path('release'), programs: ['kubeseal'], platforms: [hostPlatform()] });
  sum = (await shell.sh(`cd release && sha256sum ${ARCHIVE}`)).stdout.slice(0, 64);
  await shell.sh(`mkdir changed incomplete && printf x | cat release/${ARCHIVE} - > changed/${ARCHIVE}`);
  await shell.sh(`cp release/SHA256SUMS changed && cp release/${ARCHIVE} incomplete`);
  await shell.sh('sha256sum /dev/null > incomplete/SHA256SUMS && mkdir empty repo');
  await copyFile(join(ROOT, 'examples', 'shop', 'secrets', 'db.yaml'), shell.path('repo/db.yaml'));
  server = await serveSecurely(shell.path('release'));
});
afterAll(() => server?.close());

/** Serves a directory instead of the release. */
async function from<T>(directory: string, use: (other: SecureServer) => Promise<T>): Promise<T> {
  const other = await serveSecurely(holder.shell.path(directory));
  try {
    return await use(other);
  } finally {
    other.close();
  }
}

/** The values of expressions such as `${{ inputs.version }}`; any other expression is an error. */
function environmentOf({ env }: Step, inputs: Inputs): Inputs {
  const entries = Object.entries(env).map(([name, expression]) => {
    const [, context, key = ''] = /^\$\{\{ (inputs|github)\.([\w-]+) \}\}$/.exec(expression) ?? [];
    if (context === undefined) throw new Error(`${name} is ${expression}`);
    return [name, context === 'github' ? '' : (inputs[key] ?? action.inputs[key]?.default ?? '')] as const;
  });
  return Object.fromEntries(entries);
}

/** Runs the steps of the action as GitHub's runner does, until one fails. */
async function runAction(inputs: Inputs, { certificate } = server): Promise<Said> {
  const { shell } = holder;
  await shell.sh('rm -rf runner && mkdir runner && : > runner/path');
  const runner = {
    RUNNER_OS: 'Linux',
    RUNNER_ARCH: hostPlatform() === 'linux-arm64' ? 'ARM64' : 'X64',
    RUNNER_TEMP: shell.path('runner'),
    GITHUB_PATH: shell.path('runner/path'),
    CURL_CA_BUNDLE: certificate,
  };
  let said: Said = { code: 0, stdout: '', stderr: '' };
  for (const step of action.runs.steps) {
    const added = (await readFile(shell.path('runner/path'), 'utf8')).trim();
    const path = [added, process.env['PATH']].filter((part) => part !== '').join(':');
    const env = { ...runner, ...environmentOf(step, inputs), PATH: path };
    const shellOfGitHub = ['bash', '--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run];
    const next = await shell.run(shellOfGitHub, { cwd: 'repo', env });
    said = { code: next.code, stdout: said.stdout + next.stdout, stderr: said.stderr + next.stderr };
    if (said.code !== 0) break;
  }
  return said;
}

/** Runs the job of the component as GitLab's runner does: one script, in bash. */
async function runComponent(inputs: Inputs, { certificate } = server): Promise<Said> {
  const { inputs: declared } = header.spec;
  for (const [name, text] of Object.entries(inputs)) {
    const { regex = '' } = declared[name] ?? {};
    if (!new RegExp(regex).test(text)) return { code: 1, stdout: '', stderr: `input ${name} is refused` };
  }
  const inputOf = (name: string) => inputs[name] ?? declared[name]?.default ?? '';
  const [job] = Object.values(pipeline);
  const variables = Object.entries(job?.variables ?? {}).map(([name, given]) => {
    const { value, expand } = typeof given === 'string' ? { value: given, expand: true } : given;
    const text = value.replace(/\$\[\[ inputs\.(\w+) \]\]/g, (_, key: string) => inputOf(key));
    // no other variable has a value here, so an expanded one leaves nothing behind
    return [name, expand ? text.replace(/\$(\$|\w+|\{\w+\})/g, '') : text] as const;
  });
  const lines = [...(job?.before_script ?? []), ...(job?.script ?? [])];
  const script = lines.filter((line) => !line.includes('apt-get')).join('\n'); // what this machine has
  const env = { ...Object.fromEntries(variables), CURL_CA_BUNDLE: certificate, PATH: process.env['PATH'] };
  return holder.shell.run(['bash', '-eo', 'pipefail', '-c', script], { cwd: 'repo', env });
}

describe.each([
  ['the action for GitHub', runAction],
  ['the component for GitLab', runComponent],
])('%s', (_name, run) => {
  it.each([
    ['the sums of the release', () => ({})],
    ['a pinned sum', () => ({ sha256: sum })],
  ])('installs the archive that is published, by %s, and runs it', async (_what, pin) => {
    const { code, stdout, stderr } = await run({ release: server.url, args: '--version\n', ...pin() });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`${ARCHIVE}: OK\n`);
    expect(stdout).toMatch(new RegExp(`kubeseal version: ${VERSION.replaceAll('.', '\\.')}\\n$`));
  });
  it('checks the repository, and fails where a Secret is in the clear', async () => {
    expect(await run({ release: server.url })).toMatchObject({ code: 0 });
    await holder.shell.write('repo/a b.yaml', PLAIN);
    const { code, stdout, stderr } = await run({ release: server.url });
    expect(code).toBe(3);
    expect(stderr).toContain('error: document 1 of a b.yaml is a Secret in the clear: db');
    expect(stdout + stderr).not.toContain('hunter2');
    await holder.shell.sh('rm "repo/a b.yaml"');
  });
  it.each([
    ['an archive that was changed', 'changed', () => ({})],
    ['an archive that was changed, by a pinned sum', 'changed', () => ({ sha256: sum })],
    ['an archive that the sums do not name', 'incomplete', () => ({})],
    ['a release without files', 'empty', () => ({})],
    ['another pinned sum', 'release', () => ({ sha256: '0'.repeat(64) })],
  ])('runs nothing of %s', async (_what, directory, pin) => {
    const said = await from(directory, (other) =>
      run({ release: other.url, args: '--version', ...pin() }, other),
    );
    expect(said.code).not.toBe(0);
    expect(said.stdout).not.toContain('kubeseal version');
  });
  it('takes sums from no server without TLS, and from none that it cannot trust', async () => {
    const plain = await serveFiles(holder.shell.path('release'), (url) =>
      run({ release: url, args: '--version' }),
    );
    const untrusted = await from('release', (other) =>
      run({ release: other.url, args: '--version' }, server),
    );
    for (const { code, stdout } of [plain, untrusted]) {
      expect(code).not.toBe(0);
      expect(stdout).not.toContain('kubeseal version');
    }
  });
  it.each([
    ['version', '0.1.0; touch hacked'],
    ['version', '$(touch hacked)'],
    ['version', '../../x'],
    ['sha256', '$(touch hacked)'],
    ['release', 'https://a"; touch hacked; "'],
    ['args', '$(touch hacked)\n`touch hacked`\n"; touch hacked; "'],
  ])('takes %s %j as a text', async (name, text) => {
    const { code } = await run({ release: server.url, [name]: text });
    expect(code).not.toBe(0);
    expect((await holder.shell.sh('find . -name hacked')).stdout).toBe('');
  });
  it.each(['a b.yaml', 'a$HOME-$$.yaml'])(
    'hands over arguments one per line, as they are: %s',
    async (file) => {
      await holder.shell.write(`repo/${file}`, PLAIN);
      const { code, stderr } = await run({ release: server.url, args: `check\n--quiet\n\n${file}` });
      expect(code).toBe(3);
      expect(stderr).toContain(`document 1 of ${file}`);
      await holder.shell.sh(`rm 'repo/${file}'`);
    },
  );
});

describe('the action for GitHub', () => {
  it('passes actionlint: its steps as a job, and itself where a workflow uses it', async () => {
    const { shell } = holder;
    const inputs = Object.fromEntries(
      Object.keys(action.inputs).map((name) => [name, { type: 'string', required: false }]),
    );
    const steps = action.runs.steps;
    const job = { 'runs-on': 'ubuntu-latest', steps };
    const uses = {
      'runs-on': 'ubuntu-latest',
      steps: [{ uses: './', with: { version: VERSION, sha256: '', args: 'check' } }],
    };
    const workflow = { name: 'w', on: { workflow_call: { inputs } }, jobs: { steps: job, uses } };
    await shell.sh('git init -q linted');
    await shell.write('linted/action.yml', await readFile(join(ROOT, 'action.yml'), 'utf8'));
    await shell.write('linted/.github/workflows/w.yml', stringify(workflow));
    const { code, stdout } = await shell.run([guideTool('actionlint')], { cwd: 'linted' });
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  });
  it.each(['-Kfile', 'file:///etc', 'https://a\n::warning::hacked'])(
    'refuses %j as the address of a release',
    async (release) => {
      const said = await runAction({ release, args: '', sha256: sum });
      expect(said).toEqual({ code: 1, stdout: '::error::release is no address (https)\n', stderr: '' });
    },
  );
  it('has no expression in a script, so that no input can become a part of one', () => {
    for (const { run } of action.runs.steps) expect(run).not.toContain('${{');
  });
});

describe('both', () => {
  it('install the version of these sources by default', () => {
    expect(action.inputs['version']?.default).toBe(VERSION);
    expect(header.spec.inputs['version']?.default).toBe(VERSION);
  });
});
