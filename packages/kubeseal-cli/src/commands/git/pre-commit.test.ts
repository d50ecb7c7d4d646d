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
  it('checks a file behind a link whose name looks like an entry of Git', async () => {
    await inRepository(async ({ sh, write }) => {
      write('a.yaml', SECRET);
      const { code, stderr } = await sh("ln -s a.yaml ':0 100644 0 0 M'; git add -A; git commit -qm two");
      expect({ isRefused: code !== 0, stderr }).toEqual({
        isRefused: true,
        stderr: expect.stringContaining('a.yaml'),
      });
    });
  });
  it('fails where Git lacks a file that was staged', async () => {
    await inRepository(async ({ sh, write }) => {
      write('a.yaml', SECRET);
      const { code, stderr } = await sh(
        'git add a.yaml; id=$(git rev-parse :a.yaml); rm -f .git/objects/$(echo $id | cut -c1-2)/$(echo $id | cut -c3-); kubeseal git pre-commit',
      );
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: 'error: git lacks a staged file\nhint: git fsck says what is missing\n',
      });
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
