import { execFile } from 'node:child_process';
import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { PATIENCE_MS } from '../../../test/support/time/patience.ts';
import { FLAGS } from './invocation/flags/flags.ts';
import { CERT } from './testing/keys.ts';
import { runCli } from './testing/run-cli.ts';
import { STAGE } from './testing/v2/sealed.ts';
import { VERSION } from './version.ts';

const run = promisify(execFile);
const BIN = join(import.meta.dirname, '../bin/kubeseal.ts');
const secret = JSON.stringify({
  kind: 'Secret',
  metadata: { name: 'a', namespace: 'blue' },
  stringData: { k: 'v' },
});

/** URLs of the modules that a program loads, reported by a resolve hook in a process of its own. */
async function loadedModules(program: string): Promise<string[]> {
  const script = `
    import { registerHooks } from 'node:module';
    const urls = new Set();
    registerHooks({ resolve(specifier, context, next) { const found = next(specifier, context); urls.add(found.url); return found; } });
    ${program}
    process.stdout.write('\\n' + JSON.stringify([...urls]));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script]);
  return JSON.parse(stdout.split('\n').at(-1) ?? '[]') as string[];
}

const main = JSON.stringify(new URL('./main.ts', import.meta.url).href);
const io = JSON.stringify(new URL('./io/io.ts', import.meta.url).href);

async function sealing(text: string, flags: readonly string[] = []): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'kubeseal-process-'));
  await writeFile(join(directory, 'cert.pem'), CERT);
  await writeFile(join(directory, 'secret'), text);
  const key = flags.length > 0 ? flags : ['--cert', join(directory, 'cert.pem')];
  const argv = JSON.stringify([...key, '-f', join(directory, 'secret')]);
  return loadedModules(`const { main } = await import(${main}); const { processIo } = await import(${io});
    if ((await main(${argv}, processIo())) !== 0) throw new Error('it failed');`);
}

/** A module of one of these packages. */
const of =
  (...packages: readonly string[]) =>
  (url: string) =>
    packages.some((name) => url.includes(`/node_modules/${name}/`) || url.includes(`/packages/${name}/`));

describe('the program', () => {
  it('obeys nothing that stands in a file of values', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'kubeseal-process-'));
    await writeFile(join(cwd, 'trap.cjs'), "require('node:fs').writeFileSync('obeyed', '')");
    await writeFile(join(cwd, 'values'), 'NODE_OPTIONS=--require ./trap.cjs\n');
    const argv = [BIN, 'create', 'shop/db', '--dry-run', '--from-env-file', 'values'];
    const { stdout } = await run(process.execPath, argv, { cwd, env: { HOME: cwd } });
    expect(stdout).toContain('"NODE_OPTIONS": "<sealed>"');
    expect(await readdir(cwd)).not.toContain('obeyed');
  });
  it('does nothing when it is imported, and loads no client, parser or template engine', async () => {
    const urls = await loadedModules(`await import(${main});`);
    expect(urls.length).toBeGreaterThan(5);
    expect(
      urls.filter(of('@kubernetes', 'undici', 'node-forge', 'commander', 'yaml', 'go-template')),
    ).toEqual([]);
  });
  it('seals YAML offline without the Kubernetes client', async () => {
    const urls = await sealing('metadata: {name: a, namespace: blue}\nstringData: {k: v}\n');
    expect(urls.filter(of('@kubernetes', 'undici', 'node-forge', 'commander', 'go-template'))).toEqual([]);
    expect(urls.some(of('yaml'))).toBe(true);
  });
  it('seals JSON offline without the YAML parser too', async () => {
    const urls = await sealing(secret);
    expect(
      urls.filter(of('@kubernetes', 'undici', 'node-forge', 'commander', 'go-template', 'yaml')),
    ).toEqual([]);
  });
  it('loads nothing of format v2 to seal in v1, and for v2 neither client nor Kubernetes', async () => {
    const files = ['open', 'served', 'suite', 'words'].map((name) => `kubeseal-cli/src/recipients/${name}`);
    const ofV2 = of('hpke', 'native-hpke', '@scure', ...files);
    const v1 = await sealing(secret);
    expect(v1.filter((url) => ofV2(url) || url.includes('/x-wing/'))).toEqual([]);
    const v2 = await sealing(secret, ['--recipient', STAGE.recipient]);
    expect(v2.some(of('native-hpke'))).toBe(true);
    expect(v2.filter(of('@kubernetes', 'undici', 'node-forge', 'go-template', 'yaml'))).toEqual([]);
  });
  it('says its version', async () => {
    const { version } = createRequire(import.meta.url)('../package.json') as { version: string };
    expect(VERSION).toBe(version);
    expect((await runCli({ argv: ['--version'] })).stdout).toBe(`kubeseal version: ${version}\n`);
  });
  it('prints its usage on a real terminal instead of waiting', async () => {
    const script = ['-qec', `${process.execPath} ${BIN} --cert nowhere.pem`, '/dev/null'];
    const failure = await run('script', script, { timeout: PATIENCE_MS }).then(
      () => undefined,
      (error: { code: number; stdout: string }) => error,
    );
    expect(failure?.code).toBe(2);
    expect(failure?.stdout).toContain('(tty detected: expecting json/yaml k8s resource in stdin)');
  });
  it('ends without an error when the reader of its output closes the pipe', async () => {
    const { stderr } = await run('sh', ['-c', `${process.execPath} ${BIN} --help | head -n 1`]);
    expect(stderr).toBe('');
  });
});

describe('sizes', () => {
  it('seals a value of 1 MiB', async () => {
    const value = 'x'.repeat(1 << 20);
    const stdin = `metadata: {name: a, namespace: blue}\nstringData:\n  k: ${value}\n`;
    const { code, stdout } = await runCli({ argv: ['--cert', 'c', '-oyaml'], files: { c: CERT }, stdin });
    expect(code).toBe(0);
    expect(stdout.length).toBeGreaterThan(1.33 * (1 << 20));
  });
  it('seals a stream of 1,000 documents in order', async () => {
    const document = (index: number) =>
      `---\nmetadata: {name: a${index}, namespace: blue}\nstringData: {k: v}\n`;
    const stdin = Array.from({ length: 1000 }, (_, index) => document(index)).join('');
    const { code, stdout } = await runCli({ argv: ['--cert', 'c', '-oyaml'], files: { c: CERT }, stdin });
    expect(code).toBe(0);
    const names = [...stdout.matchAll(/^metadata:\n {2}name: (\S+)$/gm)].map(([, name]) => name);
    expect(names).toEqual(Array.from({ length: 1000 }, (_, index) => `a${index}`));
  });
});

describe('the flag table', () => {
  const UPSTREAM =
    'cert controller-name controller-namespace format secret-file sealed-secret-file fetch-cert validate raw re-encrypt recovery-unseal allow-empty-data rotate merge-into name from-file scope recovery-private-key kubeconfig help version namespace context cluster user server token username password as as-uid as-group certificate-authority client-certificate client-key insecure-skip-tls-verify tls-server-name proxy-url request-timeout disable-compression v vmodule logtostderr alsologtostderr alsologtostderrthreshold stderrthreshold legacy_stderr_threshold_behavior log_dir log_file log_file_max_size log_backtrace_at add_dir_header skip_headers skip_log_headers one_output';
  it.each(UPSTREAM.split(' '))('has --%s', (name) => {
    expect(Object.keys(FLAGS)).toContain(name);
  });
  it('shows each in the help except hidden ones', async () => {
    const { stdout, code } = await runCli({ argv: ['--help'] });
    expect(code).toBe(0);
    for (const name of UPSTREAM.split(' ')) expect(stdout.includes(`--${name} `)).toBe(name !== 'rotate');
    expect((await runCli({ argv: ['-h'] })).stdout).toBe(stdout);
  });
  it('has no secret among its flags that upstream does not have: secrets travel in files and stdin', () => {
    expect(
      Object.keys(FLAGS)
        .filter((name) => /secret|password|token|key/.test(name))
        .sort(),
    ).toEqual([
      'client-key',
      'password',
      'recovery-private-key',
      'sealed-secret-file',
      'secret-file',
      'token',
    ]);
  });
});
