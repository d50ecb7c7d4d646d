import { describe, expect, it } from 'vitest';
import { CERT, KEY, vector } from '../testing/keys.ts';
import { type CliRun, runCli } from '../testing/run-cli.ts';

const KUBECONFIG = `current-context: stage
contexts: [{name: stage, context: {cluster: c, user: u, namespace: blue}}]
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: u, user: {token: t}}]
`;
const FILES = { c: CERT, kc: KUBECONFIG };
const NAMED = 'metadata: {name: db, namespace: shop}\n';

/** What is said at a terminal; elsewhere nothing is, and the same is written. */
async function saidOf(argv: readonly string[], run: Partial<CliRun> = {}): Promise<string[]> {
  const all = { ...run, argv: ['--cert', 'c', '-oyaml', ...argv], files: { ...FILES, ...run.files } };
  const silent = await runCli(all);
  expect(silent).toMatchObject({ code: 0, stderr: '' });
  const told = await runCli({ ...all, tty: { stderr: true } });
  expect({ code: told.code, length: told.stdout.length }).toEqual({ code: 0, length: silent.stdout.length });
  return told.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('note: sealed with'));
}
const sealing = (secret: string, argv: readonly string[] = [], run: Partial<CliRun> = {}) =>
  saidOf(argv, { ...run, stdin: secret });

describe('sealing at a terminal', () => {
  it('says nothing about a Secret that is as it should be', async () => {
    expect(await sealing(`${NAMED}type: kubernetes.io/basic-auth\nstringData: {password: x}\n`)).toEqual([]);
  });
  it('says which namespace it took from the context', async () => {
    const secret = 'metadata: {name: db}\nstringData: {a: b}\n';
    expect(await sealing(secret, ['--kubeconfig=kc'])).toEqual([
      "note: document 1 of stdin has no namespace: sealing for blue, the namespace of the kubeconfig's context; -n chooses another",
    ]);
    expect(await sealing(secret, ['--kubeconfig=kc', '-n=green'])).toEqual([]);
    expect(await sealing(secret, ['--kubeconfig=kc', '--scope=cluster-wide'])).toEqual([]);
  });
  it('says that an annotation overrules --scope strict', async () => {
    const annotated = `metadata: {name: db, namespace: shop, annotations: {sealedsecrets.bitnami.com/cluster-wide: "true"}}
stringData: {a: b}\n`;
    expect(await sealing(annotated, ['--scope=strict'])).toEqual([
      'warning: --scope strict is ignored: an annotation of document 1 of stdin asks for cluster-wide',
    ]);
    expect(await sealing(annotated)).toEqual([]);
  });
  it.each([
    [
      'a name',
      'metadata: {name: My_Secret, namespace: shop}\nstringData: {a: b}\n',
      /: metadata\.name is not valid in Kubernetes/,
    ],
    [
      'a namespace',
      'metadata: {name: a, namespace: a.b}\nstringData: {a: b}\n',
      /: metadata\.namespace is not valid in Kubernetes/,
    ],
    [
      'an item',
      `${NAMED}stringData: {"bad key/": b}\n`,
      /: the item bad key\/ has a name that Kubernetes refuses/,
    ],
    ['a size', `${NAMED}stringData: {a: ${'x'.repeat((1 << 20) + 1)}}\n`, /: it holds more than 1 MiB/],
  ])('says of %s that Kubernetes refuses it', async (_what, secret, message) => {
    const said = await sealing(secret);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(message);
  });
  it.each([
    ['kubernetes.io/tls', 'tls.crt: x', ['type kubernetes.io/tls needs the item tls.key']],
    [
      'kubernetes.io/basic-auth',
      'a: x',
      ['type kubernetes.io/basic-auth needs the item username or password'],
    ],
    ['kubernetes.io/ssh-auth', 'a: x', ['type kubernetes.io/ssh-auth needs the item ssh-privatekey']],
    [
      'kubernetes.io/dockercfg',
      '.dockerconfigjson: "{}"',
      ['type kubernetes.io/dockercfg needs the item .dockercfg'],
    ],
    ['kubernetes.io/dockerconfigjson', '.dockerconfigjson: x', ['the item .dockerconfigjson must be JSON']],
    ['example.com/mine', 'a: x', []],
  ])('says what type %s lacks', async (type, items, missing) => {
    expect(await sealing(`${NAMED}type: ${type}\nstringData: {${items}}\n`)).toEqual(
      missing.map((text) => `warning: document 1 of stdin: ${text}`),
    );
  });
  it('says which items of the file of -w are lost', async () => {
    const first = await runCli({
      argv: ['--cert', 'c', '-w', 'w.yaml'],
      files: FILES,
      stdin: `${NAMED}stringData: {user: ann, password: old}\n`,
    });
    const files = { 'w.yaml': first.files['w.yaml'] ?? '' };
    expect(await sealing(`${NAMED}stringData: {password: new}\n`, ['-w', 'w.yaml'], { files })).toEqual([
      'warning: w.yaml held user of shop/db, which is now removed; --merge-into w.yaml keeps what it does not change',
    ]);
    expect(
      await sealing(`${NAMED}stringData: {password: a, user: b}\n`, ['-w', 'w.yaml'], { files }),
    ).toEqual([]);
    expect(
      await sealing(`${NAMED}stringData: {a: b}\n`, ['-w', 'w.yaml'], { files: { 'w.yaml': 'text' } }),
    ).toEqual([]);
  });
});

describe('--merge-into at a terminal', () => {
  it('names the items that it adds: one may be a slip', async () => {
    const files = { 's.yaml': vector('kubeseal/out-tls.yaml') };
    const stdin = 'metadata: {name: tls, namespace: blue}\nstringData: {tls.kye: new, tls.crt: new}\n';
    expect(await saidOf(['--merge-into', 's.yaml'], { files, stdin })).toEqual([
      'note: s.yaml gets new items: tls.kye; it had tls.crt, tls.key',
    ]);
  });
});

describe('--raw', () => {
  const raw = (stdin: string, argv: readonly string[] = []) =>
    saidOf(['--raw', '--scope=strict', '--name=a', '-n=b', ...argv], { stdin });
  it('says nothing about a value alone', async () => {
    expect(await raw('hunter2')).toEqual([]);
  });
  it('says that a line end is sealed too', async () => {
    expect(await raw('hunter2\n')).toEqual([
      'warning: the value ends with a line break, which is sealed too; printf %s VALUE adds none',
    ]);
  });
  it.each([
    ['--name=postgresql://u:hunter2@h/db', /^warning: --name is not valid in Kubernetes/],
    ['--namespace=Has Space', /^warning: --namespace is not valid in Kubernetes/],
  ])('says that nothing can open what is sealed for %s, without repeating it', async (flag, message) => {
    const said = await raw('x', [flag]);
    expect(said).toEqual([expect.stringMatching(message)]);
    expect(said.join()).not.toMatch(/hunter2|Has Space/);
  });
  it('says which namespace it took from the context', async () => {
    const argv = ['--raw', '--name=a', '--kubeconfig=kc'];
    expect(await saidOf(argv, { stdin: 'x' })).toEqual([
      "note: the value has no namespace: sealing for blue, the namespace of the kubeconfig's context; -n chooses another",
    ]);
  });
  it('refuses an empty value unless it is asked for', async () => {
    const run = { argv: ['--cert', 'c', '--raw', '--scope=cluster-wide', 'password=hunter2'], files: FILES };
    const { code, stdout, stderr } = await runCli(run);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^error: the value is empty\nhint: .*printf %s VALUE \| kubeseal --raw; --allow-empty-data /,
    );
    expect(stderr).not.toContain('hunter2');
    expect(await runCli({ ...run, argv: [...run.argv, '--allow-empty-data'] })).toMatchObject({ code: 0 });
  });
  it('does not repeat an argument, which may be the value', async () => {
    const said = await raw('x', ['hunter2']);
    expect(said).toEqual([
      expect.stringMatching(/^warning: arguments were ignored: a value comes from stdin/),
    ]);
  });
});

describe('the certificate', () => {
  const seal = (run: Partial<CliRun> = {}) =>
    runCli({
      argv: ['--cert', 'c', '--kubeconfig', 'kc'],
      stdin: `${NAMED}stringData: {a: b}\n`,
      tty: { stderr: true },
      ...run,
      files: { ...FILES, ...run.files },
    });
  it('is named at a terminal', async () => {
    expect((await seal()).stderr).toMatch(/^note: sealed with the certificate SHA256:\S+ of c\n$/);
  });
  it('is distinguished from the one that the cluster of the context had', async () => {
    const { createHash } = await import('node:crypto');
    const noAuthority = [null, null];
    const controller = ['kube-system', 'sealed-secrets-controller'];
    const identity = ['certificate', 'stage', 'https://127.0.0.1:1', ...noAuthority, ...controller];
    const name = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);
    const cached = (body: string) => ({
      files: {
        [`home/.cache/kubeseal/${name}.json`]: JSON.stringify({ fetchedAt: new Date().toISOString(), body }),
      },
    });
    expect((await seal(cached(vector('x509/rsa-b.crt')))).stderr).toMatch(
      /^note: .* of c; the controller of context "stage" had another one on 20\d\d-\d\d-\d\d\n$/,
    );
    expect((await seal(cached(CERT))).stderr).toMatch(/ of c\n$/);
    expect((await seal(cached(KEY))).stderr).toMatch(/ of c\n$/);
  });
});
