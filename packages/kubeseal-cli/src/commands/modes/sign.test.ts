import { checkSignature, parseSealedSecret, readAllowedSigners, SIGNATURE } from '@fuin/crypto-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { SshKeys } from '../../../../../test/support/ssh-keys.ts';
import { CERT, KEY } from '../../testing/keys.ts';
import { sealedYaml } from '../../testing/opened.ts';
import { type CliRun, runCli } from '../../testing/run-cli.ts';

const SECRET = `apiVersion: v1
kind: Secret
metadata: {name: db, namespace: shop}
stringData: {password: hunter2}
`;
let keys: SshKeys;
let ann: string;
let bare: string;
beforeAll(async () => {
  keys = new SshKeys();
  keys.make('ann');
  ann = keys.path('ann');
  bare = await sealedYaml({ a: 'one', b: 'two' });
});
afterAll(() => keys.delete());

const env = { PATH: process.env['PATH'] ?? '' };
const run = (argv: readonly string[], more: Partial<CliRun> = {}) =>
  runCli({
    argv,
    env,
    ...more,
    files: { 'secret.yaml': SECRET, 'cert.pem': CERT, 'keys.pem': KEY, 'db.yaml': bare, ...more.files },
  });
async function stateOf(text: string | undefined): Promise<string> {
  const signers = await readAllowedSigners(keys.line('ann'));
  return (await checkSignature(parseSealedSecret(parse(text ?? '')), { signers, now: new Date() })).state;
}
const CERTIFICATE = ['--cert', 'cert.pem'];

describe('--sign', () => {
  it('signs what is sealed without a command', async () => {
    const { code, stdout } = await run([...CERTIFICATE, '-f', 'secret.yaml', '--sign', ann]);
    expect([code, await stateOf(stdout)]).toEqual([0, 'good']);
  });
  it('signs each of several SealedSecrets', async () => {
    const both = `${SECRET}---\n${SECRET.replace('db', 'web')}`;
    const files = { 'secret.yaml': both };
    const { stdout } = await run([...CERTIFICATE, '-f', 'secret.yaml', '-o', 'yaml', '--sign', ann], {
      files,
    });
    const states = parseAllDocuments(stdout).map((document) => stateOf(document.toString()));
    expect(await Promise.all(states)).toEqual(['good', 'good']);
  });
  it('signs what it merges into a file', async () => {
    const files = { 'secret.yaml': SECRET.replace('password', 'a') };
    const argv = [...CERTIFICATE, '-f', 'secret.yaml', '--merge-into', 'db.yaml', '--sign', ann];
    const target = parse(bare).metadata as { readonly name: string; readonly namespace: string };
    const named = SECRET.replace('db', target.name).replace('shop', target.namespace);
    const { code, files: after } = await run(argv, { files: { ...files, 'secret.yaml': named } });
    expect([code, await stateOf(after['db.yaml'])]).toEqual([0, 'good']);
  });
  it.each([
    ['in place', ['db.yaml']],
    ['to stdout', ['-o', 'yaml', '-f', '-']],
  ])('signs what --re-encrypt seals again %s', async (where, argv) => {
    const given = [
      '--re-encrypt',
      ...CERTIFICATE,
      '--recovery-private-key',
      'keys.pem',
      '--sign',
      ann,
      ...argv,
    ];
    const { code, stdout, files } = await run(given, where === 'to stdout' ? { stdin: bare } : {});
    expect([code, await stateOf(where === 'to stdout' ? stdout : files['db.yaml'])]).toEqual([0, 'good']);
  });
  it('signs what is imported', async () => {
    const argv = ['import', ...CERTIFICATE, 'env:values.env', 'shop/db', '--sign', ann];
    const { code, stdout } = await run(argv, { files: { 'values.env': 'password=hunter2\n' } });
    expect([code, await stateOf(stdout)]).toEqual([0, 'good']);
  });
  it.each([
    ['without a command', ['-f', 'secret.yaml']],
    ['create', ['create', 'shop/db', 'password=hunter2']],
    ['set', ['set', 'db.yaml', 'a=three']],
  ])('may come from a variable: %s', async (what, argv) => {
    const given = what === 'without a command' ? [...CERTIFICATE, ...argv] : [...argv, ...CERTIFICATE];
    const { stdout, files } = await run(given, { env: { ...env, SEALED_SECRETS_SIGN: ann } });
    expect(await stateOf(what === 'set' ? files['db.yaml'] : stdout)).toBe('good');
  });
  it('writes nothing if the key cannot sign', async () => {
    for (const argv of [
      ['-f', 'secret.yaml'],
      ['-f', 'secret.yaml', '--merge-into', 'db.yaml'],
    ]) {
      const { code, stdout, stderr, files } = await run([...CERTIFICATE, ...argv, '--sign', 'none']);
      expect([code, stdout, files['db.yaml']]).toEqual([1, '', bare]);
      expect(stderr).toContain('cannot sign with none: ');
    }
  });
  it('needs name and namespace, which are signed', async () => {
    const text = SECRET.replace(', namespace: shop', '').replace(
      'name: db',
      'name: db, annotations: {sealedsecrets.bitnami.com/cluster-wide: "true"}',
    );
    const argv = [...CERTIFICATE, '-f', 'secret.yaml', '--sign', ann];
    const { code, stdout, stderr } = await run(argv, { files: { 'secret.yaml': text } });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain('a signature needs metadata.name and metadata.namespace');
  });
  it.each(['--raw', '--validate', '--fetch-cert', '--recovery-unseal'])(
    'is refused with %s, which makes no SealedSecret, and a variable is ignored there',
    async (mode) => {
      const { code, stderr } = await run([mode, '--sign', ann]);
      expect([code, stderr]).toEqual([1, expect.stringContaining('error: --sign signs SealedSecrets')]);
      const ignored = await run([mode], { env: { ...env, SEALED_SECRETS_SIGN: ann }, stdin: '' });
      expect(ignored.stderr).not.toContain('--sign');
    },
  );
  it('leaves the output of a run without it as it was', async () => {
    const { stdout } = await run([...CERTIFICATE, '-f', 'secret.yaml']);
    expect(stdout).not.toContain(SIGNATURE);
  });
});
