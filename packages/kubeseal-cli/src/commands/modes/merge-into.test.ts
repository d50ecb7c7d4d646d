import { describe, expect, it } from 'vitest';
import { type CliResult, runCli } from '../../testing/run-cli.ts';
import { KEY_FILES, masked, sealedSecret, UNSEAL } from '../../testing/sealed-text.ts';

const CONFIG = 'apiVersion: v1 # kept\nkind: ConfigMap\nmetadata: {name: c}\n';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const secret = (name: string, items: string) =>
  `metadata: {name: ${name}, namespace: blue}\nstringData: {${items}}\n`;
const merge = (file: string | Uint8Array, stdin: string): Promise<CliResult> =>
  runCli({
    argv: ['--cert', 'cert.pem', '--merge-into', 'x.yaml'],
    stdin,
    files: { ...KEY_FILES, 'x.yaml': file },
  });
/** What a file holds, as its reader sees it. */
async function opened(file = ''): Promise<string> {
  const { stdout, stderr } = await runCli({ argv: UNSEAL, stdin: file, files: KEY_FILES });
  return stdout + stderr;
}

describe('--merge-into', () => {
  it('replaces an item whose unquoted name YAML reads as something else', async () => {
    const { files } = await merge(
      sealedSecret('db', '\n    x: OLD\n    y: OLD # mine'),
      secret('db', 'y: new'),
    );
    expect(masked(files['x.yaml'])).toBe(sealedSecret('db', '\n    x: OLD\n    y: <sealed> # mine'));
  });
  it('gives an item that shares its value by an alias a value of its own', async () => {
    const { files } = await merge(
      sealedSecret('db', '\n    a: &pw OLD # shared\n    b: *pw'),
      secret('db', 'a: new'),
    );
    expect(masked(files['x.yaml'])).toBe(sealedSecret('db', '\n    a: <sealed> # shared\n    b: &pw OLD'));
  });
  it('keeps comments and layout of a map with an anchor', async () => {
    const { files } = await merge(
      sealedSecret('db', ' &e # on monday\n    a: OLD # c1'),
      secret('db', 'a: new'),
    );
    expect(masked(files['x.yaml'])).toBe(sealedSecret('db', ' &e # on monday\n    a: <sealed> # c1'));
  });
  it('refuses what would change another value too, and leaves the file', async () => {
    const file = `x: &e {a: OLD}\n${sealedSecret('db', ' *e')}`;
    const { code, stderr, files } = await merge(file, secret('db', 'a: new'));
    expect({ code, file: files['x.yaml'] }).toEqual({ code: 1, file });
    expect(stderr).toMatch(
      /^error: x\.yaml cannot be changed in place: spec\.encryptedData is an alias\nhint: /,
    );
  });
  it('begins a block in a file that has no item yet', async () => {
    const { files } = await merge(sealedSecret('db', ' {}'), secret('db', 'a: new, b: new'));
    expect(masked(files['x.yaml'])).toBe(sealedSecret('db', '\n    a: <sealed>\n    b: <sealed>'));
  });
  it.each([
    ['alone', 'data: AQAB'],
    ['beside items', 'data: AQAB\n  encryptedData: {a: OLD}'],
  ])('refuses the deprecated spec.data %s, and leaves the file', async (_title, spec) => {
    const file = `apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db, namespace: blue}\nspec:\n  ${spec}\n`;
    const { code, stderr, files } = await merge(file, secret('db', 'a: new'));
    expect({ code, file: files['x.yaml'] }).toEqual({ code: 1, file });
    expect(stderr).toMatch(/^error: document 1 of x\.yaml has the deprecated field spec\.data/);
  });
  it('leaves objects of other kinds as they are', async () => {
    const { files } = await merge(
      `${CONFIG}---\n${sealedSecret('db', '\n    a: OLD')}---\n${CONFIG}`,
      secret('other', 'a: new'),
    );
    expect(masked(files['x.yaml'])).toBe(
      `${CONFIG}---\n${sealedSecret('db', '\n    a: <sealed>')}---\n${CONFIG}`,
    );
  });
  it('merges into the SealedSecrets that have the names of the input', async () => {
    const file = [sealedSecret('a', ' {}'), sealedSecret('b', ' {}'), sealedSecret('c', ' {}')].join('---\n');
    const { files } = await merge(file, `${secret('c', 'k: ofc')}---\n${secret('a', 'k: ofa')}`);
    expect(masked(files['x.yaml'])).toBe(
      [
        sealedSecret('a', '\n    k: <sealed>'),
        sealedSecret('b', ' {}'),
        sealedSecret('c', '\n    k: <sealed>'),
      ].join('---\n'),
    );
    const [first = '', , third = ''] = files['x.yaml']?.split('---\n') ?? [];
    expect(await opened(first)).toContain(`k: ${base64('ofa')}`);
    expect(await opened(third)).toContain(`k: ${base64('ofc')}`);
  });
  it.each([
    ['fits none', secret('z', 'k: v'), 'and none is blue/z'],
    [
      'is in another namespace',
      'metadata: {name: a, namespace: red}\nstringData: {k: v}\n',
      'and none is red/a',
    ],
    ['fits two', 'metadata: {name: b}\nstringData: {k: v}\n', 'of which 2 are b'],
  ])('refuses an input that %s of several, and says which there are', async (_title, stdin, reason) => {
    const file = [
      sealedSecret('a', ' {}'),
      sealedSecret('b', ' {}'),
      sealedSecret('b', ' {}').replace('blue', 'red'),
    ].join('---\n');
    const { code, stderr, files } = await merge(file, stdin);
    expect({ code, file: files['x.yaml'] }).toEqual({ code: 1, file });
    expect(stderr).toContain(`error: x.yaml holds 3 SealedSecrets, ${reason}\n`);
    expect(stderr).toContain('there are blue/a, blue/b, red/b');
  });
  it('merges into an item of a List', async () => {
    const item = (items: string) =>
      sealedSecret('db', items).replace(/^/gm, '  ').trimEnd().replace('  ', '- ');
    const list = (items: string) => `apiVersion: v1\nkind: List\nitems:\n${item(items)}\n`;
    const { files } = await merge(list(' {} # c'), secret('db', 'k: v'));
    expect(masked(files['x.yaml'])).toBe(list(' # c\n    k: <sealed>').replace('\n    k', '\n      k'));
  });
  it('reads a file in UTF-16 and keeps it so', async () => {
    const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
    const { code, files } = await merge(utf16(sealedSecret('db', '\n    a: OLD')), secret('db', 'a: new'));
    const text = files['x.yaml']?.replaceAll('\0', '') ?? '';
    expect({ code, text: masked(text.slice(2)) }).toEqual({
      code: 0,
      text: sealedSecret('db', '\n    a: <sealed>'),
    });
  });
  it.each([
    ['is empty', '', 'x.yaml holds no object'],
    [
      'is in no encoding that it knows',
      new Uint8Array([0xe9, 0x0a]),
      'x.yaml is neither UTF-8 nor UTF-16 with a byte order mark',
    ],
  ])('names a file that %s', async (_title, file, hint) => {
    const { code, stderr } = await merge(file, secret('db', 'a: new'));
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `error: no secrets found. Ensure the input is valid and UTF-8 encoded\nhint: ${hint}\n`,
    });
  });
});
