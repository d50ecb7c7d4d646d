import { describe, expect, it } from 'vitest';
import { vector } from '../../testing/keys.ts';
import { runCli } from '../../testing/run-cli.ts';
import { KEY_FILES, masked, sealedSecret, UNSEAL } from '../../testing/sealed-text.ts';

const SEALED = vector('kubeseal/out-tls.yaml'); // SealedSecret tls in blue, items tls.crt and tls.key
const VALUE = /tls\.crt: (\S+)/.exec(SEALED)?.[1] ?? '';
const CONFIG = 'apiVersion: v1 # kept\nkind: ConfigMap\nmetadata: {name: c}\n';
const RE_ENCRYPT = ['--re-encrypt', '--recovery-private-key', 'key.pem', '--cert', 'cert.pem'];
const base64 = (text: string) => Buffer.from(text).toString('base64');
const opened = async (stdin: string) => (await runCli({ argv: UNSEAL, stdin, files: KEY_FILES })).stdout;

const labelled = sealedSecret(
  'tls',
  `\n    tls.crt: ${VALUE}`,
  '  labels: {team: a}\n  annotations: {argocd.argoproj.io/sync-wave: "-1"}\n',
);

describe('--re-encrypt', () => {
  const run = (stdin: string) =>
    runCli({ argv: [...RE_ENCRYPT, '-o', 'yaml'], stdin, files: KEY_FILES, tty: { stderr: true } });
  it('keeps labels and annotations on stdout, and drops what the API server says', async () => {
    const server =
      '  uid: u\n  resourceVersion: "7"\n  generation: 2\n  creationTimestamp: "2026-01-01T00:00:00Z"\n  managedFields: []\n';
    const given = `${labelled.replace('  labels', `${server}  labels`)}status: {observedGeneration: 2}\n`;
    const { stdout } = await run(given);
    expect(stdout).not.toContain(VALUE);
    expect(masked(stdout)).toBe(
      '---\napiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  annotations:\n    argocd.argoproj.io/sync-wave: "-1"\n  labels:\n    team: a\n  name: tls\n  namespace: blue\nspec:\n  encryptedData:\n    tls.crt: <sealed>\n',
    );
  });
  it('skips other kinds on stdout with a note, and opens Lists', async () => {
    const list = JSON.stringify({
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecretList',
      items: [
        { metadata: { name: 'tls', namespace: 'blue' }, spec: { encryptedData: { 'tls.crt': VALUE } } },
      ],
    });
    const { code, stdout, stderr } = await run(`${CONFIG}---\n${labelled}---\n${list}\n`);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'note: document 1 of stdin is a ConfigMap, not a SealedSecret: skipped\n',
    });
    expect(stdout.match(/^kind: SealedSecret$/gm)).toHaveLength(2);
  });
  it('leaves other kinds unchanged in place, without a note', async () => {
    const file = `${CONFIG}---\n${labelled}`;
    const { stderr, files } = await runCli({
      argv: [...RE_ENCRYPT, '-f', 'x.yaml'],
      files: { ...KEY_FILES, 'x.yaml': file },
    });
    expect({ stderr, file: masked(files['x.yaml']) }).toEqual({ stderr: '', file: masked(file) });
    expect(files['x.yaml']).not.toContain(VALUE);
  });
  it('replaces an item whose unquoted name YAML reads as something else', async () => {
    const file = sealedSecret('tls', `\n    on: ${VALUE}`);
    const { files } = await runCli({
      argv: [...RE_ENCRYPT, '-f', 'x.yaml'],
      files: { ...KEY_FILES, 'x.yaml': file },
    });
    expect(files['x.yaml']).not.toContain(VALUE);
    expect(masked(files['x.yaml'])).toBe(sealedSecret('tls', '\n    on: <sealed>'));
  });
  it('still refuses input without any SealedSecret', async () => {
    expect(await run(CONFIG)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('kind is "ConfigMap", not SealedSecret'),
    });
  });
});

describe('--recovery-unseal', () => {
  const run = (stdin: string) => runCli({ argv: UNSEAL, stdin, files: KEY_FILES, tty: { stderr: true } });
  it('opens the SealedSecrets among other objects and in Lists', async () => {
    const list = JSON.stringify({
      apiVersion: 'v1',
      kind: 'List',
      items: [
        { kind: 'Service', metadata: {} },
        {
          apiVersion: 'bitnami.com/v1alpha1',
          kind: 'SealedSecret',
          metadata: { name: 'tls', namespace: 'blue' },
          spec: { encryptedData: { 'tls.crt': VALUE } },
        },
      ],
    });
    const { code, stdout, stderr } = await run(`${SEALED}---\n${CONFIG}---\n${list}\n`);
    expect(code).toBe(0);
    expect(stdout.match(/tls\.crt: Q0VSVA==/g)).toHaveLength(2);
    expect(stderr).toMatch(
      /^note: document \d of stdin is a ConfigMap, not a SealedSecret: skipped\nnote: item 1 of document \d of stdin is a Service, not a SealedSecret: skipped\n$/,
    );
  });
  it('prints no namespace where the SealedSecret has none', async () => {
    const wide = await runCli({
      argv: ['--cert', 'cert.pem', '--scope', 'cluster-wide', '-o', 'yaml'],
      stdin: 'metadata: {name: a}\nstringData: {k: v}\n',
      files: KEY_FILES,
    });
    expect((await run(wide.stdout)).stdout).toBe(
      `---\napiVersion: v1\ndata:\n  k: dg==\nkind: Secret\nmetadata:\n  annotations:\n    sealedsecrets.bitnami.com/cluster-wide: "true"\n  name: a\n`,
    );
  });
});

describe('sealing', () => {
  it('opens a List of Secrets', async () => {
    const list = {
      apiVersion: 'v1',
      kind: 'List',
      items: [
        {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'a', namespace: 'blue' },
          StringData: { k: 'v' },
        },
      ],
    };
    const { stdout } = await runCli({
      argv: ['--cert', 'cert.pem', '-o', 'yaml'],
      stdin: JSON.stringify(list),
      files: KEY_FILES,
    });
    expect(await opened(stdout)).toContain(`k: ${base64('v')}`);
  });
  it('names an item of a List that is no Secret', async () => {
    const list = { apiVersion: 'v1', kind: 'List', items: [{ kind: 'ConfigMap' }] };
    const { stderr } = await runCli({
      argv: ['--cert', 'cert.pem'],
      stdin: JSON.stringify(list),
      files: KEY_FILES,
    });
    expect(stderr).toContain('item 1 of document 1 of stdin is a ConfigMap, not a Secret');
  });
  it('reads UTF-16 with a byte order mark', async () => {
    const stdin = Buffer.from(`\ufeffmetadata: {name: a, namespace: blue}\nstringData: {k: ü}\n`, 'utf16le');
    const { stdout } = await runCli({ argv: ['--cert', 'cert.pem', '-o', 'yaml'], stdin, files: KEY_FILES });
    expect(await opened(stdout)).toContain(`k: ${base64('ü')}`);
  });
});
