import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { useKeyWorld } from '../../testing/key-world.ts';
import { NAMES } from '../../testing/repository.ts';

const LABEL = 'sealedsecrets.bitnami.com/sealed-secrets-key';
const SEALED = '/apis/bitnami.com/v1alpha1/namespaces/shop/sealedsecrets';

const world = await useKeyWorld();

describe('kubeseal keys retire --history', () => {
  let needing = '';
  let other = '';
  beforeEach(async () => {
    needing = await world.seal('db', 'old');
    other = await world.seal('web', 'newest');
    for (const name of ['db', 'web']) await world.client.delete(`${SEALED}/${name}`);
  });

  /** Runs the command in a repository that a shell script makes. `$NEEDS` and `$OTHER` are SealedSecrets. */
  async function retireIn(script: string, argv: readonly string[] = []) {
    const prepare = async (directory: string) => {
      mkdirSync(join(directory, 'home'), { recursive: true });
      writeFileSync(join(directory, 'home/.gitconfig'), NAMES);
      const env = {
        ...{ HOME: join(directory, 'home'), PATH: process.env['PATH'], NEEDS: needing, OTHER: other },
      };
      execFileSync('sh', ['-euc', `git init -q; printf 'home\nkubeconfig\n' >.git/info/exclude; ${script}`], {
        cwd: directory,
        env,
        stdio: 'pipe',
      });
    };
    const env = { PATH: process.env['PATH'] ?? '' };
    const run = { prepare, env };
    const { code, stdout, stderr } = await world.keys(
      ['retire', world.old.fingerprint, '--history', ...argv],
      run,
    );
    const label = (await world.secret('old-key')).metadata.labels?.[LABEL];
    return { code, stdout, stderr, label };
  }
  const commit = 'git add .; git commit -qm x';
  const gone = `rm db.json; echo "$OTHER" >web.json; ${commit}`;

  it('retires a key that no version needs, and says what it looked at', async () => {
    const { code, label, stderr } = await retireIn(
      `echo "$OTHER" >web.json; echo x >readme; ${commit}; git tag v1`,
    );
    expect([code, label]).toEqual([0, 'retired']);
    expect(stderr).toContain(
      'note: the key was tried on the SealedSecrets of the cluster: 0, of trees: 0, 1 in the history of . (2 refs, 1 commits, 2 blobs)\n',
    );
  });
  it.each([
    ['an earlier commit', `echo "$NEEDS" >db.json; ${commit}; ${gone}`],
    ['a file of another name', `echo "$NEEDS" >notes.txt; ${commit}; git rm -q notes.txt; git commit -qm x`],
    [
      'another branch',
      `git commit -qm x --allow-empty; git checkout -qb b; echo "$NEEDS" >db.json; ${commit}; git checkout -q main`,
    ],
    [
      'a tag',
      `git commit -qm x --allow-empty; git checkout -qb b; echo "$NEEDS" >db.json; ${commit}; git tag v1; git checkout -q main; git branch -qD b`,
    ],
    [
      'a tag of a single file',
      `git commit -qm x --allow-empty; git tag v1 $(echo "$NEEDS" | git hash-object -w --stdin)`,
    ],
    ['a stash', `echo "$OTHER" >db.json; ${commit}; echo "$NEEDS" >db.json; git stash -q`],
    [
      'a merged branch',
      `git commit -qm x --allow-empty; git checkout -qb b; echo "$NEEDS" >db.json; ${commit}; git rm -q db.json; git commit -qm y; git checkout -q main; git merge -q --no-ff -m z b; git branch -qd b`,
    ],
    [
      'a commit that a replacement hides',
      `echo "$NEEDS" >db.json; ${commit}; a=$(git rev-parse HEAD); ${gone}; git rm -qr .; git commit -qm y; git replace --graft HEAD`,
    ],
    [
      'a detached HEAD',
      `git commit -qm x --allow-empty; git checkout -q --detach; echo "$NEEDS" >db.json; ${commit}`,
    ],
    [
      'UTF-16',
      `echo "$NEEDS" | iconv -f UTF-8 -t UTF-16 >db.yaml; ${commit}; git rm -q db.yaml; git commit -qm x`,
    ],
  ])('refuses while %s holds a SealedSecret that needs the key', async (_, script) => {
    const { code, label, stderr } = await retireIn(script);
    expect([code, label]).toEqual([3, 'active']);
    expect(stderr).toMatch(
      /^error: 1 SealedSecret needs this key: document 1 of .* \(blob [0-9a-f]{10} of \.\)\n/,
    );
    expect(stderr).toContain('hint: only the history of Git needs it');
  });
  it('refuses while the history of the repository of a tree needs it, and looks at each once', async () => {
    const script = `mkdir -p a b; echo "$NEEDS" >a/db.json; ${commit}; git rm -q a/db.json; mkdir -p a b; echo "$OTHER" >a/web.json; cp a/web.json b; ${commit}`;
    const { code, stderr } = await retireIn(script, ['--tree', 'a', '--tree', 'b']);
    expect(code).toBe(3);
    expect(stderr).toContain('1 SealedSecret needs this key');
  });
  it.each([
    [
      'a shallow clone',
      'cd ..',
      `echo "$NEEDS" >db.json; ${commit}; ${gone}; git clone -q --depth 1 "file://$PWD" clone`,
      'the clone of clone is shallow',
    ],
    [
      'a partial clone',
      '',
      `echo "$NEEDS" >db.json; ${commit}; git config uploadpack.allowFilter true; git clone -q --filter=blob:none "file://$PWD" clone`,
      'the clone of clone is partial',
    ],
  ])('refuses %s, which lacks a part of the history', async (_, _change, script, message) => {
    const { code, label, stderr } = await retireIn(script, ['--tree', 'clone']);
    expect([code, label]).toEqual([1, 'active']);
    expect(stderr).toContain(`error: ${message}`);
  });
  it('refuses where there is no repository, and a repository that lacks an object', async () => {
    const none = await retireIn('rm -rf .git');
    expect([none.code, none.label, none.stderr.split('\n')[0]]).toEqual([
      1,
      'active',
      'error: . is in no Git repository that can be read',
    ]);
    const lost = `echo "$NEEDS" >db.json; ${commit}; ${gone}; id=$(git rev-parse HEAD~1:db.json); rm -f .git/objects/$(echo $id | cut -c1-2)/$(echo $id | cut -c3-)`;
    const broken = await retireIn(lost);
    expect([broken.code, broken.label]).toEqual([1, 'active']);
  });
  it('refuses over a file that it cannot read and that holds what looks sealed, and passes over others', async () => {
    const template = 'kind: SealedSecret\\nspec: {{ if }}\\n  encryptedData: {a: AgB';
    const cut = await retireIn(`printf '${template}%0100d' 0 >chart.yaml; ${commit}`);
    expect([cut.code, cut.label]).toEqual([1, 'active']);
    expect(cut.stderr).toContain('chart.yaml (blob ');
    const harmless = await retireIn(
      `printf '${template}...' >chart.yaml; printf 'SealedSecret: {{' >readme.md; ${commit}`,
    );
    expect([harmless.code, harmless.label]).toEqual([0, 'retired']);
  });
  it('prints what it looked at as JSON', async () => {
    const { stdout } = await retireIn(`echo "$OTHER" >web.json; ${commit}`, ['--json', '--dry-run']);
    expect(JSON.parse(stdout).lookedAt).toEqual({
      cluster: 0,
      trees: 0,
      histories: [{ repository: '.', refs: 1, commits: 1, blobs: 1, blobsRead: 1, sealedSecrets: 1 }],
    });
  });
  it('retires with --force what only the history needs, and names it', async () => {
    const { code, label, stderr } = await retireIn(`echo "$NEEDS" >db.json; ${commit}; ${gone}`, ['--force']);
    expect([code, label]).toEqual([0, 'retired']);
    expect(stderr).toContain('warning: 1 SealedSecret needs this key: document 1 of db.json (blob ');
  });
});
