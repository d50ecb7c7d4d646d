import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CERT, KEY } from '../../packages/kubeseal-cli/src/testing/keys.ts';
import { runCli } from '../../packages/kubeseal-cli/src/testing/run-cli.ts';
import { eavesdropper } from './eavesdropper.ts';

const offline = ['--cert', 'cert.pem', '-n', 'n'];
const canary = 'canary-5b1e';

describe('a token', () => {
  it('is in no message, whatever is wrong with the kubeconfig', async () => {
    const broken = `users: [{name: u, user: {token: ${canary}}}]\n\t: ${canary}`;
    const { stderr, stdout } = await runCli({
      argv: ['--kubeconfig', 'k', '--fetch-cert'],
      files: { k: broken },
    });
    expect(stderr + stdout).not.toContain(canary);
  });
});

describe('the plaintext of an input', () => {
  const base64 = Buffer.from(canary).toString('base64');

  it.each([
    ['broken JSON', `{"kind":"Secret","metadata":{"name":"x"},"data":{"a":"${canary}`],
    ['broken YAML', `kind: Secret\nstringData:\n  a: ${canary}\n b: "\n`],
    ['no base64', `{"kind":"Secret","metadata":{"name":"x"},"data":{"a":"${canary}!"}}`],
    ['a wrong type', `{"kind":"Secret","metadata":{"name":"x"},"stringData":{"a":["${canary}"]}}`],
    ['a tag', `kind: Secret\nmetadata: {name: x}\nstringData: {a: !!int ${canary}}\ndata: [${canary}]\n`],
    ['an alias', `kind: Secret\nmetadata: {name: x}\nstringData: {a: *${canary}}\n`],
    ['a list for a map', `kind: Secret\nmetadata: [${canary}]\n`],
  ])('is in no message: %s', async (_name, stdin) => {
    const files = { 'cert.pem': CERT };
    const { code, stderr, stdout } = await runCli({ argv: offline, stdin, files });
    expect(code).toBe(1);
    expect(stderr + stdout).not.toContain(canary);
  });

  it.each([
    'kubectl.kubernetes.io/last-applied-configuration',
    'kubecfg.ksonnet.io/last-applied-configuration',
  ])('is not published by the annotation %s that a tool left in the Secret', async (annotation) => {
    const data = { password: base64 };
    const copy = JSON.stringify({ kind: 'Secret', data });
    const metadata = { name: 'x', annotations: { [annotation]: copy } };
    const stdin = JSON.stringify({ kind: 'Secret', metadata, data });
    const { stdout } = await runCli({ argv: offline, stdin, files: { 'cert.pem': CERT } });
    expect(stdout).not.toContain(base64);
  });

  it('is not sent to the cluster by --validate or --re-encrypt when the input is a plain Secret', async () => {
    const { heard, port, stop } = await eavesdropper();
    const stdin = JSON.stringify({ kind: 'Secret', metadata: { name: 'x' }, data: { a: base64 } });
    for (const mode of ['--validate', '--re-encrypt']) {
      const { code } = await runCli({ argv: [mode, '--server', `http://127.0.0.1:${port}`], stdin });
      expect(code).toBe(1);
    }
    stop();
    expect(heard).toEqual([]);
  });
});

describe('a file that is written', () => {
  it('is new with mode 0600, and a temporary name is never followed', async () => {
    const stdin = '{"kind":"Secret","metadata":{"name":"x"},"data":{"a":"YQ=="}}';
    const { modes, files } = await runCli({
      argv: [...offline, '-w', 'out.json'],
      stdin,
      files: { 'cert.pem': CERT },
    });
    expect(modes['out.json']).toBe(0o600);
    expect(Object.keys(files).sort()).toEqual(['cert.pem', 'out.json']);
  });

  it('keeps its content when anything fails, also behind a symbolic link', async () => {
    const prepare = async (directory: string) => {
      await writeFile(join(directory, 'real.json'), 'before');
      await symlink('real.json', join(directory, 'link.json'));
    };
    const { code, files } = await runCli({
      argv: [...offline, '-w', 'link.json'],
      stdin: '{"kind":"Secret"',
      files: { 'cert.pem': CERT },
      prepare,
    });
    expect(code).toBe(1);
    expect(files['real.json']).toBe('before');
  });

  it('holds a recovered Secret for its owner alone', async () => {
    const sealed = await runCli({
      argv: offline,
      stdin: `{"kind":"Secret","metadata":{"name":"x"},"stringData":{"a":"${canary}"}}`,
      files: { 'cert.pem': CERT },
    });
    const { modes, stderr } = await runCli({
      argv: ['--recovery-unseal', '--recovery-private-key', 'key.pem', '-w', 'secret.json'],
      stdin: sealed.stdout,
      files: { 'key.pem': KEY },
    });
    expect(stderr).not.toContain(canary);
    expect(modes['secret.json']).toBe(0o600);
  });
});
