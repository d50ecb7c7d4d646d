import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DB, inRepository } from '../../testing/repository.ts';

describe('the hook of kubeseal git install', () => {
  const SECRET = 'apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: hunter2}\n';
  it('lets no Secret in the clear be committed', async () => {
    await inRepository(async ({ sh, write, path }) => {
      expect(statSync(path('.git/hooks/pre-commit')).mode & 0o111).toBe(0o111);
      write('secret.yaml', SECRET);
      write('-.yaml', SECRET);
      const { code, stderr } = await sh('git add -A; git commit -qm two');
      expect(code).not.toBe(0);
      expect(stderr).toContain('secret.yaml');
      expect(stderr).toContain('-.yaml');
      expect(stderr).not.toContain('hunter2');
      expect((await sh('git log --format=%s')).stdout).toBe('one\n');
    });
  });
  it('judges what is in the index, not in the working tree', async () => {
    await inRepository(async ({ sh, write }) => {
      write('a.yaml', SECRET);
      await sh('git add a.yaml');
      write('a.yaml', DB);
      expect((await sh('git commit -qm two')).code).not.toBe(0);
      await sh('git add a.yaml');
      write('a.yaml', SECRET);
      expect(await sh('git commit -qm two')).toMatchObject({ code: 0 });
    });
  });
  it('passes over deleted files, other files and an empty commit', async () => {
    await inRepository(async ({ sh, write }) => {
      write('a.txt', SECRET);
      write('b.yaml', 'kind: Pod\n');
      const script =
        'git add -A; git commit -qm two; git rm -q b.yaml; git commit -qm three; git commit -qm four --allow-empty';
      expect(await sh(script)).toMatchObject({ code: 0, stderr: '' });
    });
  });
});
