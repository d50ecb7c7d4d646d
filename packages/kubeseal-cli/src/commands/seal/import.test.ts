import { describe, expect, it } from 'vitest';
import { imported, refused, runImport } from '../../testing/imported.ts';
import { CERT } from '../../testing/keys.ts';
import { runCli } from '../../testing/run-cli.ts';

const FILES = {
  'a.env': 'USER=ann\nPASSWORD=hunter2\n',
  'b.env': "KEY='two\nlines'\n",
  'c.env': 'USER=bob\n',
};

describe('kubeseal import', () => {
  it('seals the values of several sources in one SealedSecret', async () => {
    const { name, namespace, type, items, stderr } = await imported(['env:a.env', 'env:b.env', 'shop/db'], {
      files: FILES,
    });
    expect({ name, namespace, type }).toEqual({ name: 'db', namespace: 'shop', type: 'Opaque' });
    expect(items).toEqual({ USER: 'ann', PASSWORD: 'hunter2', KEY: 'two\nlines' });
    expect(stderr).toContain('note: read a.env\n');
    expect(stderr).toContain('note: created shop/db in out.yaml with KEY, PASSWORD, USER\n');
    expect(stderr).not.toContain('hunter2');
  });
  it('takes chosen items only, under other names where that is asked for', async () => {
    const choice = ['--item', 'USER', '--item', 'pass.word=PASSWORD'];
    const { items } = await imported(['env:a.env', 'shop/db', ...choice], { files: FILES });
    expect(items).toEqual({ USER: 'ann', 'pass.word': 'hunter2' });
  });
  it('sets type, labels, annotations and scope, and checks the items of the type', async () => {
    const about = ['--type=basic-auth', '-l', 'app=web', '--annotation', 'note=x', '--scope=namespace-wide'];
    const choice = ['--item', 'username=USER', '--item', 'password=PASSWORD'];
    const { type, labels, annotations } = await imported(['env:a.env', 'shop/db', ...about, ...choice], {
      files: FILES,
    });
    expect(type).toBe('kubernetes.io/basic-auth');
    expect(labels).toEqual({ app: 'web' });
    expect(annotations).toEqual({ note: 'x', 'sealedsecrets.bitnami.com/namespace-wide': 'true' });
    expect(await refused(['env:b.env', 'shop/db', '--type=basic-auth'], { files: FILES })).toMatchObject({
      code: 1,
      error: 'type kubernetes.io/basic-auth needs the item username or password',
    });
  });
  it('reads env:- from stdin', async () => {
    expect((await imported(['env:-', 'shop/db'], { stdin: 'A=1\n' })).items).toEqual({ A: '1' });
  });
  it('prints names and sizes with --dry-run, without certificate, name or file', async () => {
    const argv = ['import', 'env:a.env', '--dry-run', '--quiet'];
    const { code, stdout, stderr, files } = await runCli({ argv, files: FILES });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe('ITEM      BYTES  SOURCE\nUSER          3  a.env\nPASSWORD      7  a.env\n');
    expect(Object.keys(files).sort()).toEqual(Object.keys(FILES));
  });
  it('prints a JSON document about what was imported', async () => {
    const { code, stdout, files } = await runImport(['env:a.env', 'shop/db', '--json', '--item', 'u=USER'], {
      files: FILES,
    });
    expect(code).toBe(0);
    expect(files['out.yaml']).toContain('kind: SealedSecret');
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 1,
      dryRun: false,
      file: 'out.yaml',
      namespace: 'shop',
      files: [{ file: 'out.yaml', namespace: 'shop' }],
      name: 'db',
      type: 'Opaque',
      items: [{ item: 'u', from: 'USER', bytes: 3, source: 'a.env' }],
    });
  });
  it('needs no namespace for the scope cluster-wide', async () => {
    const { namespace } = await imported(['env:a.env', 'db', '--scope=cluster-wide'], { files: FILES });
    expect(namespace).toBeUndefined();
  });
  it('leaves a file that exists as it is', async () => {
    const { code, stderr, files } = await runImport(['--quiet', 'env:a.env', 'shop/db'], {
      files: { ...FILES, 'out.yaml': 'mine\n' },
    });
    expect({ code, stderr, file: files['out.yaml'] }).toEqual({
      code: 1,
      stderr: 'error: out.yaml exists already\nhint: delete it first, or name another file\n',
      file: 'mine\n',
    });
  });
  it.each([
    [['env:a.env', 'env:c.env', 'shop/db'], 'item USER is given twice, the second time by c.env'],
    [['env:a.env', 'shop/db', '--item', 'NONE'], 'no source has the item NONE'],
    [['env:none.env', 'shop/db'], 'open none.env: no such file or directory'],
    [['env:empty.env', 'shop/db'], 'there is no item to import'],
    [
      ['env:large.env', 'shop/db'],
      'with the item A the Secret holds more than 1 MiB, which Kubernetes refuses',
    ],
    [['env:a.env'], 'the name of the Secret is missing'],
    [['env:broken.env', 'shop/db'], 'line 1 of broken.env is not ITEM=VALUE'],
  ])('fails for %j and writes nothing', async (argv, error) => {
    const files = {
      ...FILES,
      'empty.env': '# none\n',
      'large.env': `A=${'x'.repeat(1_048_577)}\n`,
      'broken.env': 'hunter2\n',
    };
    expect(await refused(argv, { files })).toMatchObject({ code: 1, error });
  });
  it.each([
    [['shop/db'], 'import: no source is given'],
    [['none:x', 'shop/db'], 'import: a source is not STORE:NAME of a store that exists'],
    [['env:', 'shop/db'], 'import: env: needs the name of a file'],
    [['sops:-', 'shop/db'], 'import: sops: needs a file, not stdin'],
    [['secret:a/b/c', 'shop/db'], 'import: secret: needs [NAMESPACE/]NAME of a Secret'],
    [['vault:secret/../x', 'shop/db'], 'import: vault: the path has a part that is empty, . or ..'],
    [
      ['vault:secret/x?list=true', 'shop/db'],
      'import: a source names nothing, or has something else than ?version= behind the ?',
    ],
    [['aws-sm:a b', 'shop/db'], 'import: aws-sm: the name has a character that AWS does not know'],
    [['gcp-sm:db', 'shop/db'], 'import: gcp-sm: needs projects/PROJECT/secrets/SECRET[/versions/VERSION]'],
    [['azure-kv:evil.example/db', 'shop/db'], 'import: azure-kv: this is not the name of a vault'],
    [['env:a', 'a b'], 'import: the last argument is not [NAMESPACE/]NAME as Kubernetes allows it'],
    [['env:a', 'shop/db', '--item', 'a b'], 'import: an item has a name that Kubernetes refuses'],
    [['env:a', 'shop/db', '--item', 'a=x', '--item', 'a=y'], 'import: --item gives a twice'],
    [['env:a', 'shop/db', '--type', 'none'], 'import: --type is not a type of Secrets'],
    [['env:a', 'shop/db', '--json'], 'import: --json needs -w FILE or --dry-run'],
  ])('refuses the command line %j', async (argv, message) => {
    const { code, stdout, stderr } = await runCli({
      argv: ['import', ...argv, '--cert', 'c'],
      files: { c: CERT },
    });
    expect({ code, stdout, error: stderr.split('\n')[0] }).toEqual({
      code: 2,
      stdout: '',
      error: `error: ${message}`,
    });
  });
});
