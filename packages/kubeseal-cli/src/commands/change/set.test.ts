import { describe, expect, it } from 'vitest';
import { CERT, KEY } from '../../testing/keys.ts';
import { type CliRun, runCli } from '../../testing/run-cli.ts';

const run = (argv: readonly string[], more: Partial<CliRun> = {}) =>
  runCli({ ...more, argv, files: { c: CERT, ...more.files } });

/** The text of a SealedSecret with the item `a`. */
const sealed = async (...argv: readonly string[]) =>
  (await run(['create', ...argv, 'a=old', '--cert', 'c', '-oyaml'])).stdout;

/** The items of a text, opened with the private key. */
async function opened(text: string | undefined): Promise<Record<string, string>> {
  const argv = ['--recovery-unseal', '--recovery-private-key', 'k'];
  const { code, stdout, stderr } = await runCli({ argv, files: { k: KEY }, stdin: text ?? '' });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { data } = JSON.parse(stdout) as { data: Record<string, string | null> };
  return Object.fromEntries(Object.entries(data).map(([item, value]) => [item, atob(value ?? '')]));
}

describe('kubeseal set', () => {
  it.each([['shop/db'], ['shop/db', '--scope=namespace-wide'], ['db', '--scope=cluster-wide']])(
    'seals for the place and scope of the file: %s %s',
    async (...place) => {
      const f = await sealed(...place);
      const { code, files } = await run(['set', 'f', 'a=new', '--cert', 'c'], { files: { f } });
      expect(code).toBe(0);
      expect(await opened(files['f'])).toEqual({ a: 'new' });
    },
  );
  it.each<[string, readonly string[], Partial<CliRun>, string]>([
    ['stdin, byte for byte', ['a'], { stdin: 'x\ny' }, 'x\ny'],
    ['the terminal', ['a'], { stdin: 'typed', tty: { stdin: true } }, 'typed'],
    ['a file', ['a', '--from-file', 'v'], { files: { v: 'filed\n' } }, 'filed\n'],
    ['a file behind @', ['a=@v'], { files: { v: 'filed' } }, 'filed'],
    ['an argument', ['a=b=c'], {}, 'b=c'],
    ['nothing, on purpose', ['a='], {}, ''],
  ])('takes the value from %s', async (_source, argv, more, value) => {
    const f = await sealed('db', '--scope=cluster-wide', 'z=1');
    const files = { f, ...more.files };
    const result = await run(['set', 'f', ...argv, '--cert', 'c'], { ...more, files });
    expect(result.code).toBe(0);
    if (value !== '') expect(result.stderr).not.toContain(value.trim());
    const { z, ...items } = await opened(result.files['f']);
    expect({ z, items }).toEqual({ z: '1', items: { a: value } });
  });
  it('gives all files the same random value', async () => {
    const files = { f: await sealed('shop/db'), g: await sealed('shop/web') };
    const argv = ['set', 'f', 'g', 'b', '--generate', 'password', '--cert', 'c'];
    const result = await run(argv, { files });
    const [inF, inG] = [await opened(result.files['f']), await opened(result.files['g'])];
    expect(inF['b']).toMatch(/^[A-Za-z0-9]{32}$/);
    expect(inG['b']).toBe(inF['b']);
    expect(result.stderr).not.toContain(inF['b']);
  });
  it('changes the SealedSecret that --name and -n choose of several', async () => {
    const f = `${await sealed('shop/db')}${await sealed('shop/web')}`;
    const argv = ['set', 'f', 'a=new', '--name', 'web', '-n', 'shop', '--cert', 'c'];
    const { code, files } = await run(argv, { files: { f } });
    expect(code).toBe(0);
    const [, first, second] = (files['f'] ?? '').split(/^---$/m);
    expect(first).toBe(f.split(/^---$/m)[1]);
    expect(await opened(second)).toEqual({ a: 'new' });
  });
  it.each([
    ['an empty stdin', ['f', 'a'], 'the value of a is empty'],
    [
      'another name than the file has',
      ['f', 'a=x', '--name', 'web'],
      '--name is web but document 1 of f has name db',
    ],
    [
      'more than 1 MiB',
      ['f', 'a=@large'],
      'with the item a the Secret holds more than 1 MiB, which Kubernetes refuses',
    ],
    ['a file without a namespace', ['bare', 'a=x'], 'document 1 of bare has no namespace'],
    [
      'the legacy field',
      ['legacy', 'a=x'],
      'document 1 of legacy has the deprecated field spec.data, which cannot hold more items',
    ],
  ])('refuses %s and changes nothing', async (_what, argv, message) => {
    const bare = (await sealed('shop/db')).replaceAll(/^ +namespace: .*\n/gm, '');
    const legacy =
      'apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db, namespace: shop}\nspec: {data: AgB=}\n';
    const files = { f: await sealed('shop/db'), bare, legacy, large: Buffer.alloc(1_048_577) };
    const { code, stderr, files: after } = await run(['set', ...argv, '--cert', 'c'], { files });
    expect({ code, errors: stderr.match(/^error: .*$/gm) }).toEqual({
      code: 1,
      errors: [`error: ${message}`],
    });
    expect([after['f'], after['bare'], after['legacy']]).toEqual([files.f, bare, legacy]);
  });
  it.each([
    ['set', 'd', 'e', 'a=x', '--cert', 'c'],
    ['set', 'd', 'e', 'a', '--dry-run'],
    ['unset', 'd', 'e', 'a'],
    ['rename', 'd', 'e', 'a', 'b'],
  ])('fails if no SealedSecret has the name of --name: %s', async (...argv) => {
    const files = { 'd/f': await sealed('shop/db'), 'e/f': await sealed('shop/web') };
    const { code, stderr, files: after } = await run([...argv, '--name', 'dbb'], { files });
    expect({ code, errors: stderr.match(/^error: .*$/gm) }).toEqual({
      code: 1,
      errors: ['error: there is no SealedSecret dbb in d, e'],
    });
    expect(after).toMatchObject(files);
  });
  it.each([
    [['set', 'f'], 'set: it needs FILE... ITEM[=VALUE]'],
    [['set', 'f', 'a b'], 'set: an item has a name that Kubernetes refuses'],
    [['set', 'f', 'a', '--generate', 'x'], 'set: a generated item needs a kind that exists'],
    [['unset', 'f', '..a'], 'unset: an item has a name that Kubernetes refuses'],
    [['rename', 'f', 'a', 'a'], 'rename: both names are the same'],
  ])('refuses the command line %j', async (argv, message) => {
    const { code, stderr } = await run(argv, { files: { f: await sealed('shop/db') } });
    expect({ code, error: stderr.split('\n')[0] }).toEqual({ code: 2, error: `error: ${message}` });
  });
});

describe('kubeseal rename', () => {
  it('keeps what the controller opens under the new name', async () => {
    const { code, files } = await run(['rename', 'f', 'a', 'b'], { files: { f: await sealed('shop/db') } });
    expect(code).toBe(0);
    expect(await opened(files['f'])).toEqual({ b: 'old' });
  });
});

describe('kubeseal set --dry-run', () => {
  it('prints a diff that git apply takes, and on a terminal marks in the place of sealed values', async () => {
    const files = { 'f.yaml': await sealed('shop/db') };
    const printed = async (...argv: readonly string[]) =>
      (await run([...argv, '--quiet'], { files, tty: { stdout: argv.includes('set') } })).stdout;
    const shown = await printed('set', 'f.yaml', 'token', '--dry-run');
    const piped = (await run(['set', 'f.yaml', 'token', '--dry-run'], { files })).stdout;
    expect(piped).toMatch(/[A-Za-z0-9+/]{300}/);
    expect(shown).not.toMatch(/[A-Za-z0-9+/]{100}/);
    expect(shown).toMatch(/^ {4,5}a: <sealed [0-9a-f]{12}>$/m);
    for (const diff of [piped, shown]) expect(diff).toContain('+    token: <sealed>\n');
    expect(await printed('git', 'textconv', 'f.yaml')).toContain(/<sealed \w{12}>/.exec(shown)?.[0]);
  });
});
