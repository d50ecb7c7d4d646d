import { describe, expect, it } from 'vitest';
import { useKeyWorld } from '../../testing/key-world.ts';
import { runCli } from '../../testing/run-cli.ts';

const LABEL = 'sealedsecrets.bitnami.com/sealed-secrets-key';

const world = await useKeyWorld();

describe('keys that the cluster no longer seals with', () => {
  const labelOf = async (name: string) => (await world.secret(name)).metadata.labels?.[LABEL];
  const retiredAt = async () =>
    (await world.secret('old-key')).metadata.annotations?.['sealedsecrets.bitnami.com/retired-at'];
  const retire = (argv: readonly string[], files: Readonly<Record<string, string>> = {}) =>
    world.keys(['retire', ...argv], { files });

  describe('kubeseal keys retire', () => {
    it('takes a key out of service that nothing needs, and back', async () => {
      await world.seal('db', 'newest', world.newest.fingerprint);
      const start = world.old.fingerprint.slice(0, 'SHA256:'.length + 8);
      const dry = await retire([start, '--dry-run']);
      expect([dry.code, await labelOf('old-key')]).toEqual([0, 'active']);
      const { code, stderr } = await retire([start]);
      expect([code, await labelOf('old-key')]).toEqual([0, 'retired']);
      const at = await retiredAt();
      expect(at).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
      const { keys } = JSON.parse((await world.keys(['list', '-o', 'json'])).stdout) as {
        keys: { name: string; retiredAt: string | null }[];
      };
      expect(keys.map(({ name, retiredAt: listed }) => [name, listed])).toEqual([
        ['new-key', null],
        ['old-key', at],
      ]);
      expect(stderr).toContain(`note: ${world.old.fingerprint} of old-key is out of service`);
      expect((await retire([start, '--json'])).stdout).toContain('"change": "unchanged"');
      expect((await retire([start, '--undo'])).code).toBe(0);
      expect([await labelOf('old-key'), await retiredAt()]).toEqual(['active', undefined]);
    });
    it('refuses while the cluster needs it, whatever a status says', async () => {
      await world.seal('db', 'old', world.newest.fingerprint);
      const { code, stderr } = await retire([world.old.fingerprint]);
      expect({ code, label: await labelOf('old-key') }).toEqual({ code: 3, label: 'active' });
      expect(stderr).toMatch(/^error: 1 SealedSecret needs this key: shop\/db\n/);
    });
    it('refuses while a tree needs it, or where a file of the tree cannot be read', async () => {
      const files = { 'tree/db.json': await world.seal('x', 'old') };
      await world.client.delete('/apis/bitnami.com/v1alpha1/namespaces/shop/sealedsecrets/x');
      const needed = await retire([world.old.fingerprint, '--tree', 'tree'], files);
      expect([needed.code, await labelOf('old-key')]).toEqual([3, 'active']);
      expect(needed.stderr).toContain('needs this key: ');
      expect((await retire([world.old.fingerprint, '--tree', 'none'])).code).toBe(1);
      expect(await labelOf('old-key')).toBe('active');
    });
    it('refuses while a file of a tree may need it that names no namespace', async () => {
      const { metadata, ...db } = JSON.parse(await world.seal('x', 'old'));
      await world.client.delete('/apis/bitnami.com/v1alpha1/namespaces/shop/sealedsecrets/x');
      const files = { 'tree/db.json': JSON.stringify({ ...db, metadata: { name: metadata.name } }) };
      const { code, stderr } = await retire([world.old.fingerprint, '--tree', 'tree'], files);
      expect([code, stderr]).toEqual([expect.any(Number), expect.stringContaining('namespace')]);
      expect(await labelOf('old-key')).toBe('active');
    });
    it('refuses while a file needs it whose legacy data stands beside items', async () => {
      const db = JSON.parse(await world.seal('x', 'old'));
      await world.client.delete('/apis/bitnami.com/v1alpha1/namespaces/shop/sealedsecrets/x');
      const mixed = { ...db, spec: { ...db.spec, data: 'AAAA' } };
      const files = { 'tree/db.json': JSON.stringify(mixed) };
      const { code } = await retire([world.old.fingerprint, '--tree', 'tree'], files);
      expect([code, await labelOf('old-key')]).toEqual([3, 'active']);
    });
    it('names with --force what can no longer be opened', async () => {
      await world.seal('db', 'old');
      const { code, stderr } = await retire([world.old.fingerprint, '--force']);
      expect([code, await labelOf('old-key')]).toEqual([0, 'retired']);
      expect(stderr).toContain(
        'warning: 1 SealedSecret needs this key: shop/db; it can no longer be opened\n',
      );
    });
    it('refuses the key that people seal with', async () => {
      const { code, stderr } = await retire([world.newest.fingerprint]);
      expect([code, await labelOf('new-key')]).toEqual([1, 'active']);
      expect(stderr).toContain('hint: run kubeseal keys rotate first');
    });
    it('does not take back a key that the controller refused', async () => {
      const metadata = { labels: { [LABEL]: 'refused' } };
      await world.client.patch('/api/v1/namespaces/kube-system/secrets/old-key', 'merge', { metadata });
      expect((await retire([world.old.fingerprint, '--undo'])).code).toBe(1);
      expect(await labelOf('old-key')).toBe('refused');
    });
    it.each([
      [['x'], 'the first argument is no fingerprint'],
      [['SHA256:abcdefg'], 'the first argument is no fingerprint'],
      [['SHA256:abcdefgh', '--undo', '--force'], '--undo needs neither --force nor --tree nor --history'],
      [[], 'it needs FINGERPRINT'],
    ])('refuses the command line %j', async (argv, message) => {
      const { code, stderr } = await runCli({ argv: ['keys', 'retire', ...argv] });
      expect({ code, error: stderr.split('\n')[0] }).toEqual({
        code: 2,
        error: `error: keys retire: ${message}`,
      });
    });
    it('names a key that does not exist', async () => {
      const { code, stderr } = await retire(['SHA256:abcdefgh']);
      expect({ code, error: stderr.split('\n')[0] }).toEqual({
        code: 1,
        error: expect.stringContaining('has the fingerprint SHA256:abcdefgh'),
      });
    });
  });

  describe('kubeseal keys rotate', () => {
    const annotationOf = async (name: string) =>
      (await world.secret(name)).metadata.annotations?.['sealedsecrets.bitnami.com/replace-key'];

    it('marks the Secret of the served key, waits for another certificate and prints both fingerprints', async () => {
      let asked = 0;
      world.controller.override = async () => {
        asked += 1;
        return { status: 200, body: asked < 3 ? world.old.certificatePem : world.newest.certificatePem };
      };
      const { code, stdout } = await world.keys(['rotate']);
      expect(code).toBe(0);
      expect(stdout).toBe(`old ${world.old.fingerprint}\nnew ${world.newest.fingerprint}\n`);
      expect(await annotationOf('old-key')).toMatch(/^\d{4}-.*Z$/);
      expect(await annotationOf('new-key')).toBeUndefined();
    });
    it('takes the request back where no new key comes, as from a controller of upstream', async () => {
      const { code, stderr } = await world.keys(['rotate', '--timeout', '1ms']);
      expect([code, await annotationOf('new-key')]).toEqual([1, undefined]);
      expect(stderr).toMatch(
        /^error: the controller made no new key within 0.001 s; the request was taken back\n/,
      );
      expect(stderr).toContain("Upstream's controller");
    });
    it('fails where no key Secret holds the served key', async () => {
      await world.client.delete('/api/v1/namespaces/kube-system/secrets/new-key');
      const { code, stderr } = await world.keys(['rotate']);
      expect(code).toBe(1);
      expect(stderr).toContain(`holds the served key ${world.newest.fingerprint}`);
    });
  });
});

describe('kubeseal keys', () => {
  it.each([[['keys']], [['keys', 'lst']], [['help', 'keys', 'lst']]])(
    'names its commands for %j',
    async (argv) => {
      const { code, stderr } = await runCli({ argv });
      expect(code).toBe(2);
      expect(stderr).toContain(
        'keys: it needs one of backup, join, list, new, restore, retire, rewrap, rotate',
      );
    },
  );
  it.each([[['keys', '--help']], [['help', 'keys']]])('explains them for %j', async (argv) => {
    const { code, stdout } = await runCli({ argv });
    expect(code).toBe(0);
    expect(stdout).toContain('kubeseal keys restore [flags] FILE');
  });
  it('has help for each command', async () => {
    const { stdout } = await runCli({ argv: ['help', 'keys', 'list'] });
    expect(stdout).toContain('usage: kubeseal keys list [flags]');
  });
  it('is completed word by word', async () => {
    const complete = async (...words: readonly string[]) =>
      (await runCli({ argv: ['__complete', ...words] })).stdout;
    expect(await complete('ke')).toContain('keys\tbackup, join, list');
    expect(await complete('keys', 'r')).toMatch(/^restore\t.*\nretire\t.*\nrewrap\t.*\nrotate\t.*\n:4\n$/);
    expect(await complete('keys', 'list', '--tr')).toContain('--tree\t');
  });
});
