import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Host, main } from './main.ts';

/** Runs the program without a process; `signals.send` plays the operating system. */
function host(env: Record<string, string> = {}) {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  const listeners = new Map<string, () => void>();
  const it: Host = {
    env,
    stdout: (text) => void stdout.push(text),
    stderr: (text) => void stderr.push(text),
    onSignal: (signal, listener) => void listeners.set(signal, listener),
    onFault: () => undefined,
    exit: () => undefined,
  };
  return { ...it, out: stdout, err: stderr, send: (signal: string) => listeners.get(signal)?.() };
}

describe('main', () => {
  it('prints its version', async () => {
    const it = host();
    expect(await main(['--version'], it)).toBe(0);
    expect(it.out.join('')).toMatch(/^controller version: \d+\.\d+\.\d+\n$/);
  });
  it('prints its flags', async () => {
    const it = host();
    expect(await main(['--help'], it)).toBe(0);
    expect(it.out.join('')).toContain('--key-renew-period duration');
  });
  it.each([
    [['--nope'], 'error: unknown flag: --nope\n'],
    [
      ['--key-size=x'],
      'error: invalid argument "x" for "--key-size" flag: strconv.ParseInt: parsing "x": invalid syntax\n',
    ],
  ])('says what is wrong with %j and where help is, and exits 2', async (argv, line) => {
    const it = host();
    expect(await main(argv, it)).toBe(2);
    expect(it.err.join('')).toBe(`${line}hint: sealed-secrets-controller --help lists the flags\n`);
  });
  it('says in one line that it finds no API server and exits 1', async () => {
    const it = host();
    expect(await main(['--listen-addr=127.0.0.1:0', '--listen-metrics-addr=127.0.0.1:0'], it)).toBe(1);
    expect(it.err).toHaveLength(1);
    expect(it.err[0]).toContain('no way to the API server is configured');
  });
  it('says in one line that the kubeconfig cannot be read and exits 1', async () => {
    const it = host();
    expect(await main(['--kubeconfig=/no/such/file'], it)).toBe(1);
    expect(it.err).toHaveLength(1);
    expect(it.err[0]).toContain('/no/such/file');
    expect(it.err[0]).toContain('the file that --kubeconfig or KUBECONFIG names');
  });
  it('warns of environment variables that it ignores', async () => {
    const it = host({ SEALED_SECRETS_KEY_RENEW_PERIOD: '-1h' });
    await main([], it);
    expect(it.err[0]).toBe('warning: ignoring SEALED_SECRETS_KEY_RENEW_PERIOD: must not be negative\n');
  });
  it.each([
    ['POD_NAMESPACE', { POD_NAMESPACE: 'home' }, 'context', 'home'],
    ['the connection', {}, 'context', 'context'],
    ['nowhere: default', {}, undefined, 'default'],
  ])('takes its namespace from %s', async (_where, env, namespace, expected) => {
    const directory = await mkdtemp(join(tmpdir(), 'fuin-main-'));
    const clusters = [{ name: 'c', cluster: { server: 'http://127.0.0.1:9' } }];
    const contexts = [{ name: 'x', context: { cluster: 'c', user: 'u', namespace } }];
    const users = [{ name: 'u', user: {} }];
    const kubeconfig = join(directory, 'config');
    await writeFile(
      kubeconfig,
      JSON.stringify({ kind: 'Config', clusters, contexts, users, 'current-context': 'x' }),
    );
    const it = host(env);
    const noAddressOfOurs = '--listen-addr=192.0.2.1:80'; // so that it ends at once
    expect(await main([`--kubeconfig=${kubeconfig}`, noAddressOfOurs], it)).toBe(1);
    expect(it.out.join('')).toMatch(new RegExp(`msg="starting .* namespace=${expected}\\n`));
    await rm(directory, { recursive: true });
  });
});
