import { existsSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import { noted } from '../../testing/inspected.ts';
import { ended } from '../../testing/kubeseal-process.ts';
import { DB, inRepository } from '../../testing/repository.ts';
import { PAIRS, REPOSITORY } from '../../testing/three-clusters.ts';

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
  it('goes by the settings and certificates of the index, which are not those of the working tree', async () => {
    const { 'clusters/stage/cert.pem': cert = '', '.kubeseal.yaml': settings = '' } = REPOSITORY;
    const moved = await noted('a', { x: '1' }, PAIRS.dev);
    await inRepository(async ({ sh, write }) => {
      await sh('mkdir -p clusters/stage');
      write('.kubeseal.yaml', `\ufeff${settings.replaceAll('\n', '\r\n')}`);
      write('clusters/stage/cert.pem', cert);
      await sh('git add -A; git commit -qm settings; mkdir -p clusters/dev clusters/prod');
      write('.kubeseal.yaml', 'clusters: 1\n');
      write('clusters/stage/cert.pem', 'none\n');
      write('clusters/stage/a.json', moved);
      const { code, stderr } = await sh('git add clusters/stage/a.json; git commit -qm two');
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: expect.stringMatching(
          /^warning: document 1 of clusters\/stage\/a\.json: item x .* was sealed with key \S+, says its note, which is not that of clusters\/stage\/cert\.pem/,
        ),
      });
      write('clusters/prod/a.json', moved);
      const missing = await sh('git add clusters/prod/a.json; git commit -qm three');
      expect({ isRefused: missing.code !== 0, stderr: missing.stderr }).toEqual({
        isRefused: true,
        stderr: expect.stringMatching(/^error: cluster prod of \.kubeseal\.yaml: .*no such file/),
      });
    });
  });
  it('leaves nothing behind where a signal ends it', async () => {
    await inRepository(async ({ sh, write, path, start }) => {
      write('a.yaml', SECRET);
      await sh('git add a.yaml; mkdir bin');
      const wait = 'case $1 in cat-file) touch there; until [ -e go ]; do sleep 0.05; done;; esac';
      write('bin/git', `#!/bin/sh\n${wait}\nPATH=\${PATH#*:} exec git "$@"\n`);
      await sh('chmod +x bin/git');
      const child = start(['sh', '-c', 'cd repo; PATH="$PWD/bin:$PATH" exec kubeseal git pre-commit']);
      const end = ended(child);
      await vi.waitFor(() => expect(existsSync(path('there'))).toBe(true), { timeout: 60_000 });
      const left = () =>
        ['/dev/shm', tmpdir()].flatMap((base) =>
          existsSync(base) ? readdirSync(base).filter((name) => name.includes(`-${child.pid}-`)) : [],
        );
      expect(left()).toHaveLength(1);
      child.kill('SIGINT');
      write('go', '');
      expect({ isPassed: (await end).code === 0, left: left() }).toEqual({ isPassed: false, left: [] });
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
