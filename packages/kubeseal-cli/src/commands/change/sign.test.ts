import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkSignature, parseSealedSecret, SIGNATURE } from '@fuin/crypto-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { CERT, KEY } from '../../testing/keys.ts';
import { sealedYaml } from '../../testing/opened.ts';
import { type CliRun, runCli } from '../../testing/run-cli.ts';

const bare = await sealedYaml({ a: 'one', b: 'two' });
let directory = '';
let ann: string;
let allowed: string;
const env = { PATH: process.env['PATH'] ?? '' };
const run = (argv: readonly string[], files: CliRun['files'] = {}) =>
  runCli({ argv, files: { 'db.yaml': bare, 'cert.pem': CERT, 'keys.pem': KEY, ...files }, env });
const signatureIn = (text: string | undefined) =>
  parse(text ?? '').metadata.annotations?.[SIGNATURE] as string | undefined;
const stateOf = async (text: string | undefined) =>
  (await checkSignature(parseSealedSecret(parse(text ?? '')), { signers: undefined, now: new Date() })).state;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sign-test-'));
  ann = join(directory, 'ann');
  for (const key of [ann, join(directory, 'eve')])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key]);
  execFileSync('ssh-keygen', [
    '-q',
    '-t',
    'ed25519',
    '-N',
    'secret',
    '-C',
    '',
    '-f',
    join(directory, 'locked'),
  ]);
  allowed = `ann@example.com ${readFileSync(`${ann}.pub`, 'utf8')}`;
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('kubeseal sign', () => {
  it('adds a signature that fits, and changes nothing else', async () => {
    const { code, files } = await run(['sign', '--key', ann, 'db.yaml']);
    expect([code, await stateOf(files['db.yaml'])]).toEqual([0, 'good']);
    const lines = (files['db.yaml'] ?? '').split('\n').filter((line) => !bare.split('\n').includes(line));
    expect(lines.length).toBeLessThanOrEqual(2);
  });
  it('signs with a key that only the agent holds', async () => {
    const script = 'eval "$(ssh-agent -s)" >/dev/null; ssh-add -q "$1"; mv "$1" "$1.away"; env | grep ^SSH_';
    const key = join(directory, 'agent');
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key]);
    const said = execFileSync('sh', ['-euc', script, 'sh', key]).toString();
    const agent = Object.fromEntries(
      said
        .trim()
        .split('\n')
        .map((line) => line.split('=') as [string, string]),
    );
    try {
      const argv = ['sign', '--key', `${key}.pub`, 'db.yaml'];
      const { code, files } = await runCli({ argv, files: { 'db.yaml': bare }, env: { ...env, ...agent } });
      expect([code, await stateOf(files['db.yaml'])]).toEqual([0, 'good']);
    } finally {
      process.kill(Number(agent['SSH_AGENT_PID']));
    }
  });
  it.each([
    ['a key that is not there', 'none', 'cannot sign with none: '],
    ['a file that is no key', 'cert.pem', 'cannot sign with cert.pem: '],
  ])('refuses %s, and leaves the file as it is', async (_, key, message) => {
    const { code, stderr, files } = await run(['sign', '--key', key, 'db.yaml']);
    expect([code, files['db.yaml']]).toEqual([1, bare]);
    expect(stderr).toContain(`error: db.yaml: ${message}`);
  });
  it('refuses a SealedSecret without a namespace: it is signed', async () => {
    const text = bare.replace(/^ {2}namespace: .*\n/m, '');
    const { code, stderr } = await run(['sign', '--key', ann, 'db.yaml'], { 'db.yaml': text });
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('a signature needs metadata.name and metadata.namespace'),
    ]);
  });
  it('needs a key', async () => {
    expect((await run(['sign', 'db.yaml'])).stderr).toContain(
      'error: sign: it is not said with which key to sign\n',
    );
  });
});

describe('commands that change a signed SealedSecret', () => {
  let signed: string;
  beforeAll(async () => {
    signed = (await run(['sign', '--key', ann, 'db.yaml'])).files['db.yaml'] ?? '';
  });
  const COMMANDS = [
    ['set', ['set', '--cert', 'cert.pem', 'db.yaml', 'a=three']],
    ['unset', ['unset', 'db.yaml', 'a']],
    ['rename', ['rename', 'db.yaml', 'a', 'c']],
  ] as const;
  it.each(COMMANDS)('drop the signature: %s', async (_, argv) => {
    const { code, stderr, files } = await run(argv, { 'db.yaml': signed });
    expect([code, signatureIn(files['db.yaml'])]).toEqual([0, undefined]);
    expect(stderr).toMatch(/warning: db.yaml: the signature of \S+ no longer fits and was removed/);
  });
  it.each(COMMANDS)('renew it with --sign: %s', async (_, [command, ...argv]) => {
    const { code, stderr, files } = await run([command, '--sign', ann, ...argv], { 'db.yaml': signed });
    expect([code, await stateOf(files['db.yaml'])]).toEqual([0, 'good']);
    expect(signatureIn(files['db.yaml'])).not.toBe(signatureIn(signed));
    expect(stderr).not.toContain('warning: db.yaml: the signature');
  });
  it('drop it where upstream has the command: --re-encrypt and --merge-into', async () => {
    const keys = ['--recovery-private-key', 'keys.pem', '--cert', 'cert.pem'];
    const again = await run(['--re-encrypt', ...keys, '-f', 'db.yaml'], { 'db.yaml': signed });
    expect([again.code, signatureIn(again.files['db.yaml'])]).toEqual([0, undefined]);
    const streamed = await runCli({
      argv: ['--re-encrypt', ...keys, '-o', 'yaml'],
      stdin: signed,
      files: { 'cert.pem': CERT, 'keys.pem': KEY },
    });
    expect([streamed.code, signatureIn(streamed.stdout)]).toEqual([0, undefined]);
    const { metadata } = parse(signed);
    const secret = JSON.stringify({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: metadata.name, namespace: metadata.namespace },
      stringData: { a: 'x' },
    });
    const merged = await run(['--merge-into', 'db.yaml', '--cert', 'cert.pem', '-f', 'secret.json'], {
      'db.yaml': signed,
      'secret.json': secret,
    });
    expect([merged.code, signatureIn(merged.files['db.yaml'])]).toEqual([0, undefined]);
  });
  it('leave the signatures of other SealedSecrets of the file alone', async () => {
    const other = signed.replace(/^ {2}name: .*$/m, '  name: other');
    const { files } = await run(['unset', '--name', parse(bare).metadata.name, 'db.yaml', 'a'], {
      'db.yaml': `${signed}---\n${other}`,
    });
    const both = (files['db.yaml'] ?? '').split('---\n').filter((text) => text.trim() !== '');
    const [first, second] = both;
    expect([signatureIn(first), signatureIn(second)]).toEqual([undefined, signatureIn(other)]);
  });
  it('sign what create makes', async () => {
    const { code, stdout } = await run(['create', 'shop/web', 'a=x', '--cert', 'cert.pem', '--sign', ann]);
    expect([code, await stateOf(stdout)]).toEqual([0, 'good']);
  });
  it('sign nothing in a dry run', async () => {
    const { code, files } = await run(['unset', '--dry-run', '--sign', 'none', 'db.yaml', 'a'], {
      'db.yaml': signed,
    });
    expect([code, files['db.yaml']]).toEqual([0, signed]);
  });
});

describe('kubeseal check', () => {
  let signed: string;
  beforeAll(async () => {
    signed = (await run(['sign', '--key', ann, 'db.yaml'])).files['db.yaml'] ?? '';
  });
  const check = (text: string, argv: readonly string[] = []) =>
    run(['check', ...argv, 'db.yaml'], { 'db.yaml': text, allowed });
  it('finds a signature that no longer fits, with and without a list of signers', async () => {
    const stale = signed.replace('  a: ', '  z: ');
    for (const argv of [[], ['--allowed-signers', 'allowed']]) {
      const { code, stderr } = await check(stale, argv);
      expect([code, stderr]).toEqual([3, expect.stringContaining('was changed after it was signed\n')]);
    }
    expect((await check(signed)).code).toBe(0);
  });
  it('asks for the signature of an allowed signer where a list is given', async () => {
    const argv = ['--allowed-signers', 'allowed'];
    expect((await check(signed, argv)).code).toBe(0);
    expect((await check(bare)).code).toBe(0);
    const missing = await check(bare, argv);
    expect([missing.code, missing.stderr]).toEqual([3, expect.stringContaining('has no signature\n')]);
    const foreign = (await run(['sign', '--key', join(directory, 'eve'), 'db.yaml'])).files['db.yaml'] ?? '';
    const unknown = await check(foreign, argv);
    expect([unknown.code, unknown.stderr]).toEqual([
      3,
      expect.stringContaining('is signed by nobody who may\n'),
    ]);
  });
  it('refuses a list that it does not understand', async () => {
    const files = { 'db.yaml': signed, allowed: `* cert-authority ${allowed.split(' ').slice(1).join(' ')}` };
    const { code, stderr } = await run(['check', '--allowed-signers', 'allowed', 'db.yaml'], files);
    expect([code, stderr]).toEqual([1, expect.stringContaining('certificate authorities are not supported')]);
  });
});
