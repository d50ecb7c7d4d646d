import {
  importKeyPair,
  KeyRing,
  parseSealedSecret,
  type SealedSecret,
  unsealSecret,
} from '@fuin/crypto-core';
import { formatRecipient, XWingKeyPair } from '@fuin/crypto-core/v2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { runCli } from '../../packages/kubeseal-cli/src/testing/run-cli.ts';
import type { SealingPage } from '../support/browser/sealing-page.ts';
import { readVector } from '../vectors/read.ts';
import { BuiltPage, isSkipped } from './built-page.ts';

const CERTIFICATE = readVector('x509/rsa-a.crt');
/** Stands for a sealed value, which is another one each time. */
const MASKED = /[A-Za-z0-9+/=]{200,}/g;

let built: BuiltPage;
let ring: KeyRing;
beforeAll(async () => {
  if (isSkipped) return;
  built = await BuiltPage.open();
  ring = KeyRing.of(await importKeyPair(readVector('keys/rsa2048-a.pkcs1.pem')));
});
afterAll(() => built?.close());

async function newPage(certificate = CERTIFICATE): Promise<SealingPage> {
  const page = await built.newPage();
  await page.addCertificate(certificate);
  return page;
}

const masked = (text: string) => text.replace(MASKED, 'SEALED');
const opened = async (text: string, keys = ring) =>
  (await unsealSecret(parseSealedSecret(parse(text)) as SealedSecret, keys)).secret;

/** What kubeseal prints for the same input. */
async function kubeseal(
  argv: readonly string[],
  files: Readonly<Record<string, string>>,
  stdin = '',
  format = 'yaml',
) {
  const { code, stdout, stderr } = await runCli({
    argv: [...argv, '--cert', 'c', '-o', format],
    files: { c: CERTIFICATE, ...files },
    stdin,
  });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return stdout;
}

const META = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: shop\n';
const MANIFESTS: readonly (readonly [what: string, manifest: string])[] = [
  ['a Secret', `${META}type: Opaque\nstringData:\n  password: hunter2\n  user: ann\n`],
  ['a Secret that does not say its type', `${META}data:\n  a: eA==\n`],
  ['binary and empty values', `${META}type: Opaque\ndata:\n  bin: AAEC//79\n  none: ""\n  crlf: YQ0KYg==\n`],
  [
    'labels, annotations and an immutable Secret',
    `${META}  labels: {app: web, "yes": "1"}\n  annotations: {note: "a: b # c"}\nimmutable: true\ntype: example.com/token\nstringData: {a: x}\n`,
  ],
  [
    'a scope that an annotation asks for',
    `${META}  annotations: {sealedsecrets.bitnami.com/cluster-wide: "true"}\nstringData: {a: x}\n`,
  ],
  [
    'fields that the form does not show',
    `${META}  finalizers: [a.b/c]\n  creationTimestamp: null\nstringData: {a: x}\n`,
  ],
  ["upstream's own example", readVector('kubeseal/in-strict.yaml')],
  [
    'a certificate with its key',
    `${META}type: kubernetes.io/tls\nstringData:\n  tls.crt: ${JSON.stringify(CERTIFICATE)}\n  tls.key: ${JSON.stringify(readVector('keys/rsa2048-a.pkcs8.pem'))}\n`,
  ],
];

describe.skipIf(isSkipped)('the page seals like kubeseal', () => {
  it.each(MANIFESTS)('%s, loaded from a manifest', async (_what, manifest) => {
    const page = await newPage();
    await page.load(manifest, 'secret.yaml');
    const [text = ''] = await page.seal();
    const theirs = await kubeseal([], {}, manifest);
    expect(masked(text)).toBe(masked(theirs));
    expect(await opened(text)).toEqual(await opened(theirs));
  });
  it('in JSON', async () => {
    const page = await newPage();
    const [, manifest] = MANIFESTS[0] ?? ['', ''];
    await page.load(manifest);
    await page.seal();
    await page.page.getByLabel('JSON').check();
    const text = (await page.page.locator('.result pre').textContent()) ?? '';
    expect(masked(text)).toBe(masked(await kubeseal([], {}, manifest, 'json')));
    expect((await page.download('db.json')).text).toBe(text);
  });
  it('variables of a .env file beside typed items', async () => {
    const env = 'export USER="ann"\nURL=\'a b#c\'\n';
    const page = await newPage();
    await page.load(env, '.env');
    await page.type({ name: 'app', namespace: 'shop' });
    const [text = ''] = await page.seal();
    const theirs = await kubeseal(['create', 'shop/app', '--from-env-file', '.env', '--no-note'], {
      '.env': env,
    });
    expect(masked(text)).toBe(masked(theirs));
    expect(await opened(text)).toEqual(await opened(theirs));
  });
  it('registry credentials, of server, user and password', async () => {
    const page = await newPage();
    await page.page.getByLabel('Type').selectOption('Registry credentials');
    for (const [at, value] of ['registry.test', 'ann', 'pä:ss'].entries())
      await page.page.getByLabel('Value', { exact: true }).nth(at).fill(value);
    await page.type({ name: 'pull', namespace: 'shop' });
    const [text = ''] = await page.seal();
    const items = ['server=registry.test', 'username=ann', 'password=pä:ss'];
    const theirs = await kubeseal(
      ['create', 'shop/pull', '--type', 'docker-registry', '--no-note', ...items],
      {},
    );
    expect(masked(text)).toBe(masked(theirs));
    expect(await opened(text)).toEqual(await opened(theirs));
  });
  it('labels, annotations and templates that are typed', async () => {
    const page = await newPage();
    await page.type({ name: 'db', namespace: 'shop', items: { password: 'correct-horse' } });
    await page.page.getByText('Labels, annotations, templates').click();
    const rows = [
      ['Add a label', 'app', 'web'],
      ['Add an annotation', 'note', 'x'],
      ['Add a template', 'url', 'db://{{ index . "password" }}@db'],
    ] as const;
    for (const [add, key, value] of rows) {
      await page.button(add).click();
      await page.page.keyboard.type(key);
      await page.page.keyboard.press('Tab');
      await page.page.keyboard.type(value);
    }
    const [text = ''] = await page.seal();
    const flags = ['--label', 'app=web', '--annotation', 'note=x', '--template', `url=${rows[2][2]}`];
    const theirs = await kubeseal(['create', 'shop/db', 'password=correct-horse', '--no-note', ...flags], {});
    expect(masked(text)).toBe(masked(theirs));
  });
  it.each(['This namespace', 'The whole cluster'])('for the scope "%s"', async (scope) => {
    const page = await newPage();
    await page.type({ name: 'db', namespace: 'shop', items: { a: 'x' } });
    await page.page.getByLabel(scope).check();
    const [text = ''] = await page.seal();
    const flag = scope === 'This namespace' ? 'namespace-wide' : 'cluster-wide';
    const theirs = await kubeseal(['create', 'shop/db', 'a=x', '--no-note', '--scope', flag], {});
    expect(masked(text)).toBe(masked(theirs));
    expect(await opened(text)).toEqual(await opened(theirs));
  });
});

describe.skipIf(isSkipped)('the page', () => {
  it('seals for several clusters and namespaces at once, each for its own key', async () => {
    const page = await newPage(`${CERTIFICATE}${readVector('x509/rsa-b.crt')}`);
    await page.type({ name: 'db', namespace: 'blue green', items: { a: 'x' } });
    const texts = await page.seal();
    const titles = await page.page.locator('.result h3').allTextContents();
    expect(titles).toEqual([
      'cluster 1 · blue',
      'cluster 1 · green',
      'cluster 1 2 · blue',
      'cluster 1 2 · green',
    ]);
    const other = KeyRing.of(await importKeyPair(readVector('keys/rsa2048-b.pkcs8.pem')));
    const secrets = await Promise.all(texts.map((text, at) => opened(text, at < 2 ? ring : other)));
    expect(secrets.map(({ metadata }) => metadata.namespace)).toEqual(['blue', 'green', 'blue', 'green']);
    expect((await page.download('db.cluster-1-2.green.yaml')).text).toBe(texts[3]);
  });
  it('seals for a post-quantum recipient', async () => {
    const pair = await XWingKeyPair.of(await XWingKeyPair.generate());
    const page = await newPage(formatRecipient(pair.recipient.publicKey));
    await page.type({ name: 'db', namespace: 'shop', items: { a: 'x' } });
    const [text = ''] = await page.seal();
    expect((await opened(text, KeyRing.of(pair))).data).toEqual({ a: 'eA==' });
  });
  it('replaces, adds and removes items of a SealedSecret and keeps everything else byte for byte', async () => {
    const made = await kubeseal(['create', 'shop/db', 'a=1', 'b=2', 'c=3'], {});
    const before = `# ours\n${made.replace(/^ {4}b:/m, '    # the second\n    b:')}`;
    const page = await newPage();
    await page.load(before, 'mine.yaml');
    await page.page.getByText('You are changing mine.yaml').waitFor();
    const rows = page.page.locator('.item');
    await rows.nth(0).getByRole('button', { name: 'Replace' }).click();
    await rows.nth(0).getByLabel('Value', { exact: true }).fill('new');
    await rows.nth(2).getByRole('button', { name: 'Remove' }).click();
    await page.button('Add an item').click();
    await page.page.keyboard.type('d');
    await page.page.getByLabel('Value', { exact: true }).last().fill('4');
    const [after = ''] = await page.seal();
    const gone = (text: string) =>
      text.split('\n').filter((line) => !/^ {4}[acd]: |sealed-with|note/.test(line));
    expect(gone(after)).toEqual(gone(before));
    const { data } = await opened(after);
    expect(data).toEqual({ a: btoa('new'), b: btoa('2'), d: btoa('4') });
    const { code, stdout } = await runCli({
      argv: ['inspect', 'mine.yaml', '--cert', 'c'],
      files: { 'mine.yaml': after, c: CERTIFICATE },
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.not.stringContaining('other key') });
    expect((await page.download('mine.yaml')).text).toBe(after);
  });
  it('takes the value of an item from a file, every byte of it', async () => {
    const bytes = Buffer.from([0, 255, 13, 10, 0x1b]);
    const page = await newPage();
    await page.type({ name: 'db', namespace: 'shop' });
    await page.page.getByLabel('Name of the item').fill('key.bin');
    await page.page
      .getByText('From a file', { exact: true })
      .locator('..')
      .locator('input')
      .setInputFiles({ name: 'k', mimeType: '', buffer: bytes });
    await page.page.getByText('5 bytes').waitFor();
    const [text = ''] = await page.seal();
    expect((await opened(text)).data).toEqual({ 'key.bin': bytes.toString('base64') });
  });
  it.each([
    ['Password of 32 characters', /^[A-Za-z0-9]{32}$/],
    ['32 bytes in hexadecimal', /^[0-9a-f]{64}$/],
    ['32 bytes in Base64', /^[A-Za-z0-9+/]{43}=$/],
    ['UUID', /^[0-9a-f-]{36}$/],
  ])('generates a value: %s', async (kind, form) => {
    const page = await newPage();
    await page.type({ name: 'db', namespace: 'shop' });
    await page.page.getByLabel('Name of the item').fill('a');
    await page.page.getByLabel('Generate').selectOption(kind);
    const [text = ''] = await page.seal();
    const { data = {} } = await opened(text);
    expect(atob(data['a'] ?? '')).toMatch(form);
  });
  it('previews the Secret without its values', async () => {
    const page = await newPage();
    await page.type({ name: 'db', namespace: 'shop', items: { password: 'hunter2' } });
    await page.page.getByText('Preview of the Secret').click();
    const preview = page.page.getByRole('region', { name: 'Preview of the Secret' });
    await expect // the page draws it after the click
      .poll(async () => parse((await preview.textContent()) ?? ''))
      .toMatchObject({ kind: 'Secret', stringData: { password: '••••••••' } });
  });
  it('copies the text', async () => {
    await built.browser.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const page = await newPage();
    await page.type({ name: 'db', namespace: 'shop', items: { a: 'x' } });
    const [text = ''] = await page.seal();
    await page.button('Copy db.yaml').click();
    await page.page.getByText('Copied.').waitFor();
    expect(await page.page.evaluate(() => navigator.clipboard.readText())).toBe(text);
  });
});
