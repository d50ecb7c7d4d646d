import { spawn, spawnSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { type ClusterWorld, startClusterWorld } from '../testing/cluster-world.ts';
import { CERT, vector } from '../testing/keys.ts';
import type { CliRun } from '../testing/run-cli.ts';

const V1 = 'client.authentication.k8s.io/v1';
const BIN = join(import.meta.dirname, '../../bin/kubeseal.ts');
const HOUR_S = 3600;

let world: ClusterWorld;
beforeAll(async () => {
  world = await startClusterWorld();
});
afterAll(() => world.stop());

interface Kubeconfig {
  readonly users: { user: Record<string, unknown> }[];
}

function token(): string {
  return String((parse(world.kubeconfig) as Kubeconfig).users[0]?.user['token']);
}

function withUser(user: Record<string, unknown>): string {
  const config = parse(world.kubeconfig) as Kubeconfig;
  for (const entry of config.users) entry.user = user;
  return JSON.stringify(config);
}

/** Fetches the certificate as a user with this plugin, a shell script. */
function withPlugin(script: string, exec: object, more: Partial<CliRun> = {}) {
  const user = { exec: { apiVersion: V1, interactiveMode: 'Never', command: './plugin', ...exec } };
  const files = { kubeconfig: withUser(user), plugin: `#!/bin/sh\n${script}\n` };
  return world.run(['--fetch-cert'], { files, modes: { plugin: 0o755 }, ...more });
}

function answer(status: object | undefined, apiVersion = V1): string {
  return `echo '${JSON.stringify({ apiVersion, kind: 'ExecCredential', status })}'`;
}

describe('a credential plugin', () => {
  it.each([
    ['a token', () => ({ token: token() })],
    ['a token file', () => ({ tokenFile: 'token' })],
    ['a password', () => ({ username: 'u', password: 'p' })],
    ['a client certificate', () => ({ 'client-certificate': 'c.crt', 'client-key': 'c.key' })],
  ])('does not run where the user has %s', async (_, credentials) => {
    const exec = { apiVersion: V1, interactiveMode: 'Never', command: './plugin' };
    const files = {
      kubeconfig: withUser({ exec, ...credentials() }),
      plugin: '#!/bin/sh\ntouch "$(dirname "$0")/was-run"\n',
      token: token(),
      'c.crt': vector('x509/rsa-a.crt'),
      'c.key': vector('keys/rsa2048-a.pkcs8.pem'),
    };
    const result = await world.run(['--fetch-cert'], { files, modes: { plugin: 0o755 } });
    expect(result.stderr).not.toContain('exec');
    expect(result.files).not.toHaveProperty('was-run');
  });

  it('of the older API works too', async () => {
    const v1beta1 = 'client.authentication.k8s.io/v1beta1';
    expect(await withPlugin(answer({ token: token() }, v1beta1), { apiVersion: v1beta1 })).toMatchObject({
      code: 0,
      stdout: CERT,
      stderr: '',
    });
  });
  it.each([
    ['gives no status', answer(undefined), {}, "exec plugin didn't return a status field"],
    ['gives nothing in it', answer({}), {}, "exec plugin didn't return a token or cert/key pair"],
    [
      'gives a certificate only',
      answer({ clientCertificateData: 'x' }),
      {},
      'exec plugin returned only certificate or key, not both',
    ],
    [
      'answers in another version',
      answer({ token: 'x' }, 'client.authentication.k8s.io/v1beta1'),
      {},
      `exec plugin is configured to use API version ${V1}, plugin returned version client.authentication.k8s.io/v1beta1`,
    ],
    ['prints no JSON', 'echo hunter2', {}, 'decoding stdout: the plugin printed no ExecCredential'],
    ['fails', 'echo hunter2; exit 3', {}, 'failed with exit code 3'],
    [
      'needs a terminal where there is none',
      answer({ token: 'x' }),
      { interactiveMode: 'Always' },
      'exec plugin cannot support interactive mode: standard input is not a terminal',
    ],
    ['has an unknown mode', '', { interactiveMode: 'Often' }, 'unknown interactiveMode: "Often"'],
    ['has an unknown version', '', { apiVersion: 'v1' }, 'exec plugin: invalid apiVersion "v1"'],
    [
      'is not there',
      '',
      { command: 'fuin-no-such-plugin' },
      'exec: executable fuin-no-such-plugin not found',
    ],
    ['has no command', '', { command: '' }, 'command must be specified'],
    [
      'has a variable that no process can have',
      '',
      { env: [{ name: 'TOKEN', value: 'hunter2\0' }] },
      'failed to start: ERR_INVALID_ARG_VALUE',
    ],
    ['has more arguments than fit', '', { args: ['hunter2'.repeat(500_000)] }, 'failed to start: E2BIG'],
    ['is killed', 'echo hunter2; kill -9 $$', {}, 'was ended by SIGKILL'],
  ])('that %s is reported in the words of client-go', async (_case, script, exec, message) => {
    const { code, stdout, stderr } = await withPlugin(script, exec);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('error: getting credentials: ');
    expect(stderr.split('\n')[0]).toContain(message);
    expect(stderr).not.toContain('hunter2');
  });
  it('that is not there is said how to get', async () => {
    const exec = { command: 'fuin-no-such-plugin', installHint: 'apt install it' };
    expect((await withPlugin('', exec)).stderr).toContain('hint: apt install it');
  });
  it('may ask its user on the terminal', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'kubeseal-plugin-'));
    const exec = { apiVersion: V1, interactiveMode: 'Always', command: './plugin' };
    const plugin = `#!/bin/sh\nprintf 'Which token? ' >&2; read -r token\n${answer({ token: 'TOKEN' }).replace('TOKEN', `'"$token"'`)}\n`;
    await writeFile(join(directory, 'plugin'), plugin);
    await chmod(join(directory, 'plugin'), 0o755);
    await writeFile(join(directory, 'kubeconfig'), withUser({ exec }));
    const command = `${process.execPath} ${BIN} --fetch-cert --kubeconfig kubeconfig`;
    const terminal = spawn('script', ['-qec', command, '/dev/null'], { cwd: directory });
    terminal.stdin.write(`${token()}\n`); // left open: its end would be the end of the terminal
    const shown = await text(terminal.stdout);
    expect(shown).toContain('Which token? ');
    expect(shown.replaceAll('\r', '')).toContain(CERT);
    await rm(directory, { recursive: true });
  });
  it('that writes to stderr is not passed on where no person reads it: it may write a token', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'plugin-stderr-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const args = ['-c', 'echo canary-7f3a >&2; exit 1'];
    const exec = { apiVersion: V1, interactiveMode: 'Never', command: 'sh', args };
    await writeFile(join(directory, 'kubeconfig'), withUser({ exec }));
    const env = { PATH: process.env['PATH'], HOME: directory, KUBECONFIG: join(directory, 'kubeconfig') };
    const { stderr } = spawnSync(process.execPath, [BIN, '--fetch-cert'], { env, encoding: 'utf8' });
    expect(stderr).toContain('exec: executable sh failed with exit code 1');
    expect(stderr).not.toContain('canary-7f3a');
  });
});

describe('an auth provider', () => {
  const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`;
  const provided = (provider: object) =>
    world.run(['--fetch-cert'], { files: { kubeconfig: withUser({ 'auth-provider': provider }) } });
  const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

  it('of kind oidc gives its token as long as that lasts', async () => {
    const lasting = { name: 'oidc', config: { 'id-token': jwt({ exp: inSeconds(HOUR_S) }) } };
    const { stderr } = await provided(lasting);
    // it was sent: this server knows other tokens
    expect(stderr).toMatch(/^error: cannot get sealed secret service: Unauthorized/);
  });
  it.each([
    ['an expired token', { 'id-token': jwt({ exp: inSeconds(-HOUR_S) }) }, /id-token .* expired at 20/],
    ['no token', {}, /has no id-token/],
    ['a token that is none', { 'id-token': 'hunter2' }, /is no JWT with an expiry/],
  ])('of kind oidc with %s is refused with a way on', async (_case, config, message) => {
    const { code, stderr } = await provided({ name: 'oidc', config });
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(stderr).toContain('hint: log in again with the tool that wrote the kubeconfig');
    expect(stderr).not.toContain('hunter2');
  });
  it.each([
    ['gcp', 'The gcp auth plugin has been removed.'],
    ['azure', 'The azure auth plugin has been removed.'],
    ['other', 'no Auth Provider found for name "other"'],
  ])('of kind %s is refused', async (name, message) => {
    expect((await provided({ name })).stderr).toContain(`error: getting credentials: ${message}`);
  });
});
