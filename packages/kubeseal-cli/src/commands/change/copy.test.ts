import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClusterWorld, startClusterWorld } from '../../testing/cluster-world.ts';
import { vector } from '../../testing/keys.ts';
import { type CliResult, type CliRun, runCli } from '../../testing/run-cli.ts';
import { NOW, openedWith, REPOSITORY } from '../../testing/three-clusters.ts';

const KEYS = ['--recovery-private-key', 'prod.key'];
const run = (argv: readonly string[], more: Partial<CliRun> = {}) =>
  runCli({ now: NOW, ...more, argv: ['copy', ...argv], files: { ...REPOSITORY, ...more.files } });

/** SealedSecrets of cluster prod in the layout of a repository. */
async function prodTree(): Promise<Record<string, string>> {
  const seal = async (name: string, argv: readonly string[]) => {
    const line = ['create', name, ...argv, '-o', 'yaml', '--cert', 'clusters/prod/cert.pem', '--no-config'];
    return (await runCli({ now: NOW, argv: line, files: REPOSITORY })).stdout;
  };
  const db = await seal('shop/db', ['user=ann', 'password=one']);
  return {
    'prod.key': vector('keys/rsa2048-a.pkcs8.pem'),
    'clusters/prod/shop/db.yaml': db.replace('spec:', '# keep\r\nspec:'),
    'clusters/prod/all/two.yaml': `kind: ConfigMap\n${await seal('shop/a', ['x=1'])}${await seal('shop/b', ['x=2', '--scope', 'cluster-wide'])}`,
    'clusters/prod/kustomization.yaml': 'resources: [shop/db.yaml]\n',
    'clusters/prod/plain.yaml':
      'apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData: {a: hunter2}\n',
    'clusters/prod/README.md': 'SealedSecret',
  };
}
const tree = await prodTree();

/** Names of the files that the run made. */
const made = ({ files }: CliResult) =>
  Object.keys(files)
    .filter((name) => !(name in REPOSITORY) && !(name in tree))
    .sort();
/** The text without what each sealing makes anew: values, and the note of their key. */
const masked = (text = '') =>
  text.replace(/: AQ[\w+/=]{40,}/g, ': <sealed>').replace(/(sealed-with: ).*/g, '$1<note>');

describe('kubeseal copy', () => {
  it('seals a tree for the cluster of the new directory, in the same layout and otherwise byte for byte', async () => {
    const result = await run(['clusters/prod', 'clusters/dev', ...KEYS], { files: tree });
    expect(result.code).toBe(0);
    expect(made(result)).toEqual(['clusters/dev/all/two.yaml', 'clusters/dev/shop/db.yaml']);
    const copied = result.files['clusters/dev/shop/db.yaml'] ?? '';
    expect(masked(copied)).toBe(masked(tree['clusters/prod/shop/db.yaml']));
    expect(await openedWith('dev', copied)).toEqual({ user: 'ann', password: 'one' });
    expect(await openedWith('prod', copied)).toBeUndefined();
    const two = result.files['clusters/dev/all/two.yaml'] ?? '';
    expect(masked(two)).toBe(masked(tree['clusters/prod/all/two.yaml']));
    const [, a = '', b = ''] = two.split('---\n');
    expect([await openedWith('dev', a), await openedWith('dev', b)]).toEqual([{ x: '1' }, { x: '2' }]);
    expect(result.stderr).toContain(
      'note: clusters/dev/shop/db.yaml: copied password, user from clusters/prod/shop/db.yaml (shop/db)\n',
    );
    expect(result.stderr).toContain('note: 3 of 3 SealedSecrets changed\n');
    for (const [name, content] of Object.entries(tree)) expect(result.files[name]).toBe(content);
  });
  it('seals for another namespace, in SealedSecret and template, and changes no other byte', async () => {
    const argv = ['clusters/prod', 'clusters/dev', '--to-namespace', 'shop-dev', ...KEYS];
    const result = await run(argv, { files: tree });
    expect(result.code).toBe(0);
    for (const name of ['shop/db.yaml', 'all/two.yaml']) {
      const moved = masked(tree[`clusters/prod/${name}`]).replaceAll(
        'namespace: shop',
        'namespace: shop-dev',
      );
      expect(masked(result.files[`clusters/dev/${name}`])).toBe(moved);
    }
    const copied = result.files['clusters/dev/shop/db.yaml'] ?? '';
    expect(await openedWith('dev', copied)).toEqual({ user: 'ann', password: 'one' });
    expect(await openedWith('dev', copied.replaceAll('shop-dev', 'shop'))).toBeUndefined();
    expect(result.stderr).toContain('(shop-dev/db)\n');
    expect(result.stderr).toContain(
      'warning: clusters/dev/shop/db.yaml is for namespace shop by .kubeseal.yaml line 8, and shop-dev counts\n',
    );
    const dry = await run([...argv, '--dry-run'], { files: tree });
    expect({ code: dry.code, made: made(dry) }).toEqual({ code: 0, made: [] });
    expect(dry.stdout).toContain('+  namespace: shop-dev\n');
  });
  it('copies no two SealedSecrets to the same name in another namespace', async () => {
    const db = tree['clusters/prod/shop/db.yaml'] ?? '';
    const files = { ...tree, 'clusters/prod/web/db.yaml': db };
    const result = await run(['clusters/prod', 'clusters/dev', '--to-namespace', 'one', ...KEYS], { files });
    expect({ code: result.code, made: made(result) }).toEqual({
      code: 1,
      made: ['clusters/dev/all/two.yaml', 'clusters/dev/shop/db.yaml', 'clusters/prod/web/db.yaml'],
    });
    expect(result.stderr).toContain(
      'error: clusters/prod/web/db.yaml: another SealedSecret was copied to one/db already\n',
    );
  });
  it('copies one file, into a directory too', async () => {
    const one = await run(['clusters/prod/shop/db.yaml', 'clusters/dev/new.yaml', ...KEYS], { files: tree });
    expect({ code: one.code, made: made(one) }).toEqual({ code: 0, made: ['clusters/dev/new.yaml'] });
    const into = await run(['clusters/prod/shop/db.yaml', 'clusters/dev', ...KEYS], { files: tree });
    expect({ code: into.code, made: made(into) }).toEqual({ code: 0, made: ['clusters/dev/db.yaml'] });
  });
  it('copies other manifests where that is asked for, but no Secret in the clear', async () => {
    const result = await run(['clusters/prod', 'clusters/dev', '--with-others', ...KEYS], { files: tree });
    expect(result.code).toBe(0);
    expect(result.files['clusters/dev/kustomization.yaml']).toBe(tree['clusters/prod/kustomization.yaml']);
    expect(result.files['clusters/dev/plain.yaml']).toBeUndefined();
    expect(result.stderr).toContain(
      'warning: clusters/prod/plain.yaml holds a Secret in the clear and is not copied\n',
    );
  });
  it('leaves out a file of which one item cannot be opened, goes on, and says why', async () => {
    const foreign =
      (
        await runCli({
          now: NOW,
          argv: ['set', 'f', 'extra=1', '--cert', 'clusters/stage/cert.pem', '--no-config', '--quiet'],
          files: { ...REPOSITORY, f: tree['clusters/prod/shop/db.yaml'] ?? '' },
        })
      ).files['f'] ?? '';
    const files = { ...tree, 'clusters/prod/shop/db.yaml': foreign };
    const result = await run(['clusters/prod', 'clusters/dev', ...KEYS], { files });
    expect({ code: result.code, made: made(result) }).toEqual({
      code: 1,
      made: ['clusters/dev/all/two.yaml'],
    });
    expect(result.stderr).toContain(
      'error: document 1 of clusters/prod/shop/db.yaml cannot be opened with the given private keys: extra: no given key opens it\n',
    );
    const first = await run(['clusters/prod/shop', 'clusters/dev', '--fail-fast', ...KEYS], { files });
    expect({ code: first.code, made: made(first) }).toEqual({ code: 1, made: [] });
  });
  it('does not replace a file without --force', async () => {
    const files = { ...tree, 'clusters/dev/shop/db.yaml': 'mine' };
    const argv = ['clusters/prod', 'clusters/dev', ...KEYS];
    const kept = await run(argv, { files });
    expect({ code: kept.code, mine: kept.files['clusters/dev/shop/db.yaml'] }).toEqual({
      code: 1,
      mine: 'mine',
    });
    expect(kept.stderr).toContain('clusters/dev/shop/db.yaml exists already\nhint: --force replaces it\n');
    expect(kept.files['clusters/dev/all/two.yaml']).toBeDefined();
    const forced = await run([...argv, '--force'], { files });
    expect(await openedWith('dev', forced.files['clusters/dev/shop/db.yaml'] ?? '')).toBeDefined();
  });
  it('shows with --dry-run what would be written, without keys, and writes nothing', async () => {
    const result = await run(['clusters/prod/shop', 'clusters/dev/shop', '--dry-run'], { files: tree });
    expect({ code: result.code, made: made(result) }).toEqual({ code: 0, made: [] });
    expect(result.stdout).toContain('+++ b/clusters/dev/shop/db.yaml\n');
    expect(result.stdout).toContain('+    password: <sealed>\n');
    expect(result.stderr).toContain('would have copied password, user from');
  });
  it('prints a JSON document about the new files', async () => {
    const { stdout } = await run(['clusters/prod/shop', 'clusters/dev', '--json', ...KEYS], { files: tree });
    expect(JSON.parse(stdout)).toEqual({
      schemaVersion: 1,
      dryRun: false,
      sealedSecrets: [
        {
          file: 'clusters/dev/db.yaml',
          namespace: 'shop',
          name: 'db',
          changed: true,
          items: [
            { item: 'password', change: 'copied' },
            { item: 'user', change: 'copied' },
          ],
        },
      ],
      errors: [],
    });
  });
  it.each([
    [['clusters/prod', 'clusters/new', ...KEYS], 1, 'no rule of .kubeseal.yaml matches clusters/new/'],
    [['clusters/prod', 'clusters/new', ...KEYS, '--context', 'x'], 1, 'no rule of .kubeseal.yaml matches'],
    [
      ['clusters/prod', 'new', ...KEYS, '--no-config'],
      1,
      'nothing says for which cluster new/all/two.yaml is',
    ],
    [['clusters/prod', 'clusters/prod', ...KEYS], 1, 'DST is SRC, or below it'],
    [['clusters', 'clusters/dev/x', ...KEYS], 1, 'DST is SRC, or below it'],
    [['missing', 'clusters/dev', ...KEYS], 1, 'open missing: no such file or directory'],
    [['clusters/prod', 'clusters/dev'], 2, 'copy: nothing is given that opens the values'],
    [['-', 'clusters/dev', ...KEYS], 2, 'copy: copy needs names of files or directories, not -'],
    [['clusters/prod', ...KEYS], 2, 'copy: it needs SRC DST'],
  ])('with %j ends with code %i: %s', async (argv, code, message) => {
    const result = await run(argv, { files: tree });
    expect({ code: result.code, made: made(result) }).toEqual({ code, made: [] });
    expect(result.stderr).toMatch(/^error: /m);
    expect(result.stderr).toContain(message);
  });
  describe('in a repository with links that lead out of it', () => {
    const OTHER = 'clusters/prod/kustomization.yaml';
    const runWith = (links: Readonly<Record<string, string>>, argv: readonly string[] = []) => {
      const prepare = async (directory: string) => {
        await mkdir(join(directory, 'clusters/dev'), { recursive: true });
        for (const [name, target] of Object.entries(links)) await symlink(target, join(directory, name));
      };
      const line = ['clusters/prod', 'clusters/dev', '--with-others', ...KEYS, ...argv];
      return run(line, { files: { ...tree, 'home/cat.yaml': 'token: hunter2\n' }, prepare });
    };
    it.each([
      ['a link to nothing', { 'clusters/dev/kustomization.yaml': '../../home/new' }, [], 'exists already'],
      [
        'a link to nothing, and --force',
        { 'clusters/dev/kustomization.yaml': '../../home/new' },
        ['--force'],
        'is outside of clusters/dev: a link leads there',
      ],
      [
        'a link to a file, and --force',
        { 'clusters/dev/kustomization.yaml': '../../home/cat.yaml' },
        ['--force'],
        'is outside of clusters/dev: a link leads there',
      ],
      [
        'a link to a directory',
        { 'clusters/dev/shop': '../../home' },
        [],
        'is outside of clusters/dev: a link leads there',
      ],
    ])('writes nothing elsewhere through %s', async (_what, links, argv, message) => {
      const { code, stderr, files } = await runWith(links, argv);
      expect(code).toBe(1);
      expect(stderr).toContain(message);
      const elsewhere = Object.entries(files).filter(([name]) => name.startsWith('home/'));
      expect(elsewhere).toEqual([['home/cat.yaml', 'token: hunter2\n']]);
    });
    it('copies no file from elsewhere', async () => {
      const { code, stderr, files } = await runWith({ 'clusters/prod/cat.yaml': '../../home/cat.yaml' });
      expect({ code, cat: files['clusters/dev/cat.yaml'], other: files[OTHER] }).toEqual({
        code: 0,
        cat: undefined,
        other: tree[OTHER],
      });
      expect(stderr).toContain(
        'warning: clusters/prod/cat.yaml is a link out of clusters/prod and is not copied\n',
      );
    });
  });
  it('takes the certificate of --cert where no rule says the cluster', async () => {
    const argv = ['clusters/prod', 'new', ...KEYS, '--cert', 'clusters/stage/cert.pem', '--no-config'];
    const { code, files } = await run(argv, { files: tree });
    expect(code).toBe(0);
    expect(await openedWith('stage', files['new/shop/db.yaml'] ?? '')).toEqual({
      user: 'ann',
      password: 'one',
    });
  });
});

describe('kubeseal copy --from-cluster', () => {
  let world: ClusterWorld;
  beforeAll(async () => {
    world = await startClusterWorld();
  });
  afterAll(() => world.stop());
  it('never seals for the cluster that it reads from', async () => {
    const argv = ['clusters/prod', 'new', '--from-cluster', '--kubeconfig', 'kubeconfig', '--no-config'];
    const result = await run(argv, { files: { ...tree, kubeconfig: world.kubeconfig } });
    expect({ code: result.code, made: made(result).filter((name) => name.startsWith('new')) }).toEqual({
      code: 1,
      made: [],
    });
    expect(result.stderr).toContain('nothing says for which cluster new/shop/db.yaml is');
    expect(world.controller.seen).toEqual([]);
  });
});
