import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { CERT } from '../../packages/kubeseal-cli/src/testing/keys.ts';
import { runCli } from '../../packages/kubeseal-cli/src/testing/run-cli.ts';
import { eavesdropper } from './eavesdropper.ts';

const canary = 'canary-5b1e';

describe('a token', () => {
  const ca = { 'certificate-authority-data': Buffer.from(CERT).toString('base64') };
  it.each([
    ['a server without scheme but with a CA', '', ca, []],
    ['a server without scheme', '', {}, []],
    ['plain http', 'http://', ca, []],
    ['plain http and a token on the command line', 'http://', {}, [`--token=${canary}`]],
    ['plain http by a flag', 'https://', {}, ['--server=http://127.0.0.1:PORT']],
  ])('never leaves in the clear: %s', async (_name, scheme, more, flags) => {
    const { heard, port, stop } = await eavesdropper();
    const kubeconfig = JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: `${scheme}127.0.0.1:${port}`, ...more } }],
      users: [{ name: 'u', user: { token: canary, username: 'x', password: canary } }],
    });
    const argv = [
      '--kubeconfig',
      'k',
      '--fetch-cert',
      ...flags.map((flag) => flag.replace('PORT', `${port}`)),
    ];
    await runCli({ argv, files: { k: kubeconfig } });
    stop();
    expect(heard.join()).toBe('');
  });
});

describe('a short password', () => {
  const password = 'p&ss wd'; // Go's JSON writes it with an escape
  const object = JSON.stringify({ kind: 'Secret', stringData: { password } }).replace('&', '\\u0026');
  it.each([
    ['as it is', object],
    ['in base64', Buffer.from(object).toString('base64')],
    ['packed', gzipSync(object).toString('base64')],
    ['as YAML', `kind: Secret\nstringData:\n  password: '${password}'\n`],
  ])('is not published by a copy of the object %s', async (_how, copy) => {
    const metadata = { name: 'x', annotations: { 'example.com/copy': copy, kept: 'x' } };
    const stdin = JSON.stringify({ kind: 'Secret', metadata, stringData: { password } });
    const argv = ['--cert', 'cert.pem', '-n', 'n'];
    const { stdout } = await runCli({ argv, stdin, files: { 'cert.pem': CERT } });
    const { metadata: published } = JSON.parse(stdout).spec.template;
    expect(published.annotations).toEqual({ kept: 'x' });
  });
});

describe('the plaintext of an input', () => {
  it.each(['kapp.k14s.io/original', 'example.com/backup-of-last-applied'])(
    'is not published by the annotation %s that a tool left in the Secret',
    async (annotation) => {
      const base64 = Buffer.from(canary).toString('base64');
      const data = { password: base64 };
      const copy = JSON.stringify({ kind: 'Secret', data });
      const metadata = { name: 'x', annotations: { [annotation]: copy } };
      const stdin = JSON.stringify({ kind: 'Secret', metadata, data });
      const { stdout } = await runCli({
        argv: ['--cert', 'cert.pem', '-n', 'n'],
        stdin,
        files: { 'cert.pem': CERT },
      });
      expect(stdout).not.toContain(base64);
    },
  );
});
