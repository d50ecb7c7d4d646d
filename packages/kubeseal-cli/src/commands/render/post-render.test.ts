import { describe, expect, it } from 'vitest';
import { CERT, KEY } from '../../testing/keys.ts';
import { runCli } from '../../testing/run-cli.ts';
import { UNSEAL } from '../../testing/sealed-text.ts';

const FILES = { 'cert.pem': CERT };
const CONFIG =
  '---\n# Source: shop/config.yaml\nkind: ConfigMap # a Secret is elsewhere\ndata: {a: "1",   b: x}\n';
const SECRET = `---
# Source: shop/db.yaml
# hunter2 in a comment
apiVersion: v1
kind: Secret
metadata:
  name: db
  labels: {app: shop, leak: hunter2-is-long}
  annotations:
    helm.sh/hook: pre-install
    postrenderer.helm.sh/postrender-filename: shop/db.yaml
    argocd.argoproj.io/sync-wave: hunter2-is-long
    note: kept
stringData:
  password: hunter2-is-long
`;
const HIDDEN = /hunter2|aHVudGVyM/;

function postRender(stdin: string | Uint8Array, ...argv: readonly string[]) {
  return runCli({ argv: ['post-render', '--cert', 'cert.pem', ...argv], stdin, files: FILES });
}
async function opened(sealed: string): Promise<string> {
  const document = sealed.slice(sealed.lastIndexOf('\n---\n') + 1);
  return (await runCli({ argv: UNSEAL, stdin: document, files: { 'key.pem': KEY } })).stdout;
}

describe('kubeseal post-render', () => {
  it('seals a Secret and leaves every other byte as it is', async () => {
    const { code, stdout, stderr } = await postRender(CONFIG + SECRET, '-n', 'shop');
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringMatching(HIDDEN) });
    expect(
      stdout.startsWith(`${CONFIG}---\n# Source: shop/db.yaml\napiVersion: bitnami.com/v1alpha1\n`),
    ).toBe(true);
    expect(stdout).not.toMatch(HIDDEN);
    expect(await opened(stdout)).toContain('password: aHVudGVyMi1pcy1sb25n\n');
  });
  it('keeps labels and the annotations for tools at the SealedSecret, and other annotations for the Secret', async () => {
    const { stdout } = await postRender(SECRET, '-n', 'shop');
    const metadata = stdout.slice(stdout.indexOf('\nmetadata:'), stdout.indexOf('\nspec:'));
    expect(metadata).toBe(
      '\nmetadata:\n  annotations:\n    helm.sh/hook: pre-install\n    postrenderer.helm.sh/postrender-filename: shop/db.yaml\n  labels:\n    app: shop\n  name: db\n  namespace: shop',
    );
    expect(stdout.slice(stdout.indexOf('  template:'))).toBe(
      '  template:\n    metadata:\n      annotations:\n        note: kept\n      labels:\n        app: shop\n      name: db\n      namespace: shop\n',
    );
  });
  it.each([
    ['comments alone', '# nothing\n'],
    ['a Secret without items', '---\nkind: Secret\nmetadata: {name: token}\n'],
    ['CRLF and no line end', 'a: 1\r\n---\r\nb: "Sec\\x72et"'],
  ])('prints %s byte for byte, and opens no certificate', async (_what, stdin) => {
    const { code, stdout } = await runCli({ argv: ['post-render', '--cert', 'missing.pem'], stdin });
    expect({ code, stdout }).toEqual({ code: 0, stdout: stdin });
  });
  it.each([
    ['an escape', 'kind: "\\x53ecret"\nmetadata: {name: a}\nstringData: {p: hunter2}\n'],
    ['a tag', 'kind: !!binary U2VjcmV0\nmetadata: {name: a}\nstringData: {p: hunter2}\n'],
    [
      'a List',
      'kind: List\nitems:\n- kind: ConfigMap\n- kind: Secret\n  metadata: {name: a}\n  stringData: {p: hunter2}\n',
    ],
    ['JSON', '{"kind":"Secret","metadata":{"name":"a"},"data":{"p":"aHVudGVyMg=="}}'],
    ['the case of a field', 'Kind: Secret\nmetadata: {name: a}\nStringData: {p: hunter2}\n'],
  ])('seals a Secret behind %s', async (_what, stdin) => {
    const { code, stdout, stderr } = await postRender(stdin, '-n', 'shop');
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
    expect(stdout).toContain('kind: SealedSecret\n');
    expect(stdout).not.toMatch(HIDDEN);
  });
  it.each([
    [
      'a Secret in a string',
      'kind: ConfigMap\ndata:\n  a.yaml: |\n    kind: Secret\n    stringData: {p: hunter2}\n',
      3,
    ],
    ['a second kind', 'kind: Secret\nkind: ConfigMap\nmetadata: {name: a}\nstringData: {p: hunter2}\n', 3],
    ['a kind with a space', 'kind: "Secret "\nmetadata: {name: a}\nstringData: {p: hunter2}\n', 3],
    [
      'a value that a carriage return cuts',
      'kind: Secret\nstringData:\n  p: |\n    a\r---\n    hunter2\n',
      1,
    ],
    [
      'a Secret that a carriage return hides in a comment',
      '# a\rkind: Secret\rstringData: {p: hunter2}\n',
      1,
    ],
    [
      'a Secret in lists behind a document that nobody can read',
      'a: [\n---\nkind: List\nitems:\n- {kind: List, items: [{kind: &a Secret, stringData: {p: hunter2}}]}\n',
      1,
    ],
    ['a misspelt kind', 'kind: Secrets\nmetadata: {name: a}\nstringData: {p: hunter2}\n', 3],
    ['YAML that is not valid', 'a: 1\n---\nkind: Secret\nstringData: {p: hunter2\n', 1],
    ['a value that is not base64', 'kind: Secret\nmetadata: {name: a}\ndata: {p: hunter2}\n', 1],
    ['a Secret without a name', 'kind: Secret\nmetadata: {generateName: a-}\nstringData: {p: hunter2}\n', 1],
  ])('prints nothing of %s', async (_what, text, code) => {
    const result = await postRender(`${CONFIG}${SECRET}---\n${text}`, '-n', 'shop');
    expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringContaining('error: ') });
    expect(result.stderr).not.toMatch(HIDDEN);
  });
  it('takes the namespace of a Secret from -n or HELM_NAMESPACE, and from no kubeconfig', async () => {
    const kubeconfig = 'contexts: [{name: a, context: {namespace: other}}]\ncurrent-context: a\n';
    const run = (env: Readonly<Record<string, string>>) =>
      runCli({
        argv: ['post-render', '--cert', 'cert.pem', '--kubeconfig', 'config'],
        stdin: SECRET,
        files: { ...FILES, config: kubeconfig },
        env,
      });
    expect(await run({})).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(
        'error: the namespace of Secret db is missing\nhint: in document 1 of stdin: ',
      ),
    });
    expect((await run({ HELM_NAMESPACE: 'shop' })).stdout).toContain('\n  namespace: shop\n');
    const argv = ['post-render', '--cert', 'cert.pem', '-n', 'shop'];
    const both = { argv, files: FILES, env: { HELM_NAMESPACE: 'other' } };
    expect((await runCli({ ...both, stdin: SECRET })).stdout).toContain('\n  namespace: shop\n');
    const placed = SECRET.replace('  name: db\n', '  name: db\n  namespace: own\n');
    expect((await runCli({ ...both, stdin: placed })).stdout).toContain('\n  namespace: own\n');
    expect((await postRender(SECRET, '--scope', 'cluster-wide')).stdout).not.toContain('namespace');
  });
  it.each([
    ['nothing', ''],
    ['line ends only', '\n\n'],
    ['text in Latin-1', Uint8Array.of(0x61, 0x3a, 0x20, 0xe9, 0x0a)],
  ])('refuses %s', async (_what, stdin) => {
    const result = await postRender(stdin);
    expect(result).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('error: stdin is '),
    });
  });
  it('with --refuse seals nothing, and passes only what is in order', async () => {
    const refused = await runCli({ argv: ['post-render', '--refuse'], stdin: CONFIG + SECRET });
    expect(refused).toMatchObject({ code: 3, stdout: '' });
    expect(refused.stderr).toMatch(/^error: document 2 of stdin is a Secret in the clear: db\n/);
    const passed = await runCli({ argv: ['post-render', '--refuse'], stdin: CONFIG });
    expect(passed).toMatchObject({ code: 0, stdout: CONFIG, stderr: '' });
  });
  it.each(['a: [\n', '{{ if .Values.a }}\na: 1\n', 'a: b # c\u2028d\n'])(
    'with --refuse prints nothing of a stream with %j, which nobody can judge',
    async (text) => {
      const result = await runCli({ argv: ['post-render', '--refuse'], stdin: `${CONFIG}---\n${text}` });
      expect(result).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('error: ') });
    },
  );
  it('lets no variable of the environment change what is in the clear, or what is printed', async () => {
    const files = { 'baseline.json': '{"version":1,"findings":[]}' };
    const env = {
      SEALED_SECRETS_OUTPUT: 'json',
      SEALED_SECRETS_STRICT: 'true',
      SEALED_SECRETS_BASELINE: 'baseline.json',
      SEALED_SECRETS_WRITE_BASELINE: 'true',
    };
    const passed = await runCli({ argv: ['post-render', '--refuse'], stdin: CONFIG, env, files });
    expect(passed).toMatchObject({ code: 0, stdout: CONFIG, files });
    const refused = await runCli({ argv: ['post-render', '--refuse'], stdin: SECRET, env, files });
    expect(refused).toMatchObject({ code: 3, stdout: '', files });
  });
  it('names the place in the whole stream where YAML is not valid', async () => {
    const { stderr } = await postRender(`${CONFIG}---\nkind: Secret\nmetadata: [\n`);
    expect(stderr).toMatch(/^error: document 2 of stdin is not valid YAML: line 8, /);
  });
});
