import { chmodSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { inPlace } from '../../testing/kubeseal-process.ts';
import { sealedYaml } from '../../testing/opened.ts';
import { DB, inRepository, NAMES } from '../../testing/repository.ts';
import { runCli } from '../../testing/run-cli.ts';

const NEW = await sealedYaml({ b: 'B', d: 'D' });
const lineOf = (item: string) => new RegExp(`^ {4}${item}: .*$`, 'm').exec(NEW)?.[0] ?? '';

describe('kubeseal git install', () => {
  it('makes git diff show names and short hashes instead of sealed values', async () => {
    await inRepository(async ({ sh, write }) => {
      write('sealed.yaml', DB.replace(/^ {4}b: .*$/m, `${lineOf('b')}\n${lineOf('d')}`));
      const { stdout } = await sh('git diff');
      expect(stdout).toMatch(/\n-( {4}b: <sealed [0-9a-f]{12}>)\n\+ {4}b: <sealed (?!\1)[0-9a-f]{12}>\n/);
      expect(stdout).toMatch(/\n\+ {4}d: <sealed [0-9a-f]{12}>\n/);
      expect(stdout).not.toMatch(/[\w+/]{60}/);
      expect((await sh('git apply --check -R "$(git diff --no-textconv > ../p; echo ../p)"')).code).toBe(0);
    });
  });
  it('can be repeated, with other patterns too', async () => {
    await inRepository(async ({ sh, read }) => {
      const first = [read('.git/config'), read('.gitattributes'), read('.git/hooks/pre-commit')];
      await sh('kubeseal git install');
      expect([read('.git/config'), read('.gitattributes'), read('.git/hooks/pre-commit')]).toEqual(first);
      await sh("kubeseal git install 'clusters/**/*.yaml' 'with space.yaml'");
      expect(read('.gitattributes')).toBe(
        '# kubeseal git install: begin\nclusters/**/*.yaml diff=kubeseal merge=kubeseal\n"with space.yaml" diff=kubeseal merge=kubeseal\n# kubeseal git install: end\n',
      );
      expect((await sh('git check-attr merge -- clusters/a/b.yaml')).stdout).toContain(': kubeseal\n');
    });
  });
  it.each([
    ['no attributes', undefined],
    ['attributes', '*.png binary\n'],
    ['attributes without a last line end', '*.png binary'],
    ['attributes with other line ends', '*.png binary\r\n*.gif binary\r\n'],
  ])('is undone by uninstall, byte for byte: %s', async (_what, attributes) => {
    await inRepository(async ({ sh, read, write, has }) => {
      if (attributes !== undefined) write('.gitattributes', attributes);
      const config = read('.git/config');
      expect((await sh('kubeseal git install')).code).toBe(0);
      expect(read('.gitattributes')).toContain('*sealed*.yaml diff=kubeseal merge=kubeseal\n');
      expect((await sh('kubeseal git uninstall')).code).toBe(0);
      expect(read('.git/config')).toBe(config);
      expect(has('.gitattributes') ? read('.gitattributes') : undefined).toBe(attributes);
      expect(has('.git/hooks/pre-commit')).toBe(false);
      expect((await sh('kubeseal git uninstall')).code).toBe(0);
    }, 'true');
  });
  it('keeps lines that stand behind its own', async () => {
    await inRepository(async ({ sh, read, write }) => {
      write('.gitattributes', `${read('.gitattributes')}*.gif binary\n`);
      await sh('kubeseal git uninstall');
      expect(read('.gitattributes')).toBe('*.gif binary\n');
    });
  });
  it('changes nothing where there is a hook that something else made', async () => {
    await inRepository(async ({ sh, read, write, has, path }) => {
      const config = read('.git/config');
      write('.git/hooks/pre-commit', '#!/bin/sh\nexit 0\n');
      chmodSync(path('.git/hooks/pre-commit'), 0o755);
      const { code, stderr } = await sh('kubeseal git install');
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^error: there is a hook already: .*; nothing was changed\nhint: add the line "kubeseal git pre-commit"/,
      );
      expect([read('.git/config'), has('.gitattributes')]).toEqual([config, false]);
      expect((await sh('kubeseal git install --hook=false; kubeseal git uninstall')).code).toBe(0);
      expect(read('.git/hooks/pre-commit')).toBe('#!/bin/sh\nexit 0\n');
    }, 'true');
  });
  it.each(['mkdir .git/hooks/pre-commit', 'ln -s ../../elsewhere .git/hooks/pre-commit'])(
    'changes nothing after %s, and follows no link',
    async (made) => {
      await inRepository(async ({ sh, read, has }) => {
        await sh(`mkdir -p .git/hooks; ${made}`);
        const config = read('.git/config');
        for (const flag of ['', ' --dry-run']) {
          const { code, stdout, stderr } = await sh(`kubeseal git install${flag}`);
          expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
          expect(stderr).toContain('error: there is a hook already: ');
          expect((await sh(`kubeseal git uninstall${flag}`)).code).toBe(0);
        }
        expect([read('.git/config'), has('.gitattributes'), has('elsewhere')]).toEqual([
          config,
          false,
          false,
        ]);
      }, 'true');
    },
  );
  it('replaces every value of a setting that has several', async () => {
    await inRepository(async ({ sh }) => {
      await sh('for each in a b; do git config --add diff.kubeseal.textconv $each; done');
      expect((await sh('kubeseal git install')).code).toBe(0);
      const { stdout } = await sh('git config --get-all diff.kubeseal.textconv');
      expect(stdout).toBe('kubeseal git textconv --\n');
    }, 'true');
  });
  it('changes no hooks that several repositories share', async () => {
    await inRepository(async ({ sh, has }) => {
      const { code, stderr } = await sh('git config core.hooksPath ../shared; kubeseal git install');
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringMatching(
          /^error: hooks are in \.\.\/shared \(core\.hooksPath\); nothing was changed\n/,
        ),
      });
      expect(has('../shared')).toBe(false);
    }, 'true');
  });
  it('changes the configuration of the user with --global, and no repository', async () => {
    await inRepository(async ({ sh, read, has }) => {
      const config = read('.git/config');
      expect((await sh('kubeseal git install --global')).code).toBe(0);
      expect([read('.git/config'), has('.gitattributes'), has('.git/hooks/pre-commit')]).toEqual([
        config,
        false,
        false,
      ]);
      expect((await sh('git check-attr merge -- a.sealed.yaml')).stdout).toContain(': kubeseal\n');
      expect(read('../.gitconfig')).toContain('[merge "kubeseal"]');
      expect((await sh('kubeseal git uninstall --global')).code).toBe(0);
      expect(read('../.gitconfig')).toBe(NAMES);
      expect(has('../.config/git/attributes')).toBe(false);
    }, 'true');
  });
  it('writes through no link that a repository has in the place of its attributes', async () => {
    await inRepository(async ({ sh }) => {
      const { code, stderr } = await sh(
        'echo mine >../outside; ln -s ../outside .gitattributes; kubeseal git install',
      );
      expect({ code, error: stderr.split('\n')[0] }).toEqual({
        code: 1,
        error: 'error: .gitattributes is a link, which Git does not follow',
      });
      expect((await sh('cat ../outside')).stdout).toBe('mine\n');
    }, 'true');
  });
  it('says so outside of a repository', async () => {
    await inPlace({}, async ({ run }) => {
      const { code, stderr } = await run(['kubeseal', 'git', 'install']);
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: expect.stringMatching(/^error: git rev-parse: fatal: not a git repository/),
      });
    });
  });
  it.each([
    [['git'], 'git: it needs one of install, merge-driver, pre-commit, textconv, uninstall'],
    [['git', 'instal'], 'git: it needs one of install, merge-driver, pre-commit, textconv, uninstall'],
    [['git', 'uninstall', 'x'], 'git uninstall: it takes no arguments'],
    [['git', 'textconv'], 'git textconv: no file is given'],
    [['git', 'merge-driver', 'a'], 'git merge-driver: it needs BASE OURS THEIRS [PATH] [MARKER-SIZE]'],
    [['git', 'install', '!x'], 'git install: a pattern of attributes is not empty and does not begin with !'],
    [['git', 'textconv', 'x', '--global'], 'git textconv: unknown flag: --global'],
    [['git', 'uninstall', '--hook=false'], 'git uninstall: unknown flag: --hook'],
  ])('refuses the command line %j', async (argv, message) => {
    const { code, stderr } = await runCli({ argv });
    expect({ code, error: stderr.split('\n')[0] }).toEqual({ code: 2, error: `error: ${message}` });
  });
});

describe('kubeseal git install --dry-run', () => {
  it('says what it would change, in the words of Git, and changes nothing', async () => {
    await inRepository(async ({ sh, read, write, has }) => {
      write('.gitattributes', '*.png binary\n');
      await sh('git remote add origin https://ann:hunter2@git.test/shop');
      const config = read('.git/config');
      const { code, stdout, stderr } = await sh('kubeseal git install --dry-run');
      expect(code).toBe(0);
      expect([read('.git/config'), read('.gitattributes'), has('.git/hooks/pre-commit')]).toEqual([
        config,
        '*.png binary\n',
        false,
      ]);
      expect(stdout).toContain(' *.png binary\n+# kubeseal git install: begin\n');
      expect(stdout).toContain('--- /dev/null\n+++ b/.git/hooks/pre-commit\n');
      expect(stderr).toContain('note: would have set merge.kubeseal.name to "SealedSecrets, item by item"\n');
      expect(stderr).toContain('note: kubeseal check would run before each commit (');
      expect(stdout + stderr).not.toContain('hunter2');
    }, 'true');
  });
  it('names files as Git does, from the root of the repository on, in a directory below it', async () => {
    await inRepository(async ({ sh }) => {
      const { stdout } = await sh('mkdir a; cd a; kubeseal git install --dry-run --quiet');
      expect(stdout.match(/^(---|\+\+\+) .*$/gm)).toEqual([
        '--- /dev/null',
        '+++ b/.gitattributes',
        '--- /dev/null',
        '+++ b/.git/hooks/pre-commit',
      ]);
      expect((await sh('(cd a; kubeseal git install --dry-run --quiet --hook=false) | git apply')).code).toBe(
        0,
      );
      expect((await sh('cat .gitattributes')).stdout).toContain('diff=kubeseal merge=kubeseal\n');
    }, 'true');
  });
  it('names a file outside of a repository by its whole path', async () => {
    await inRepository(async ({ sh, path }) => {
      const { stdout } = await sh('kubeseal git install --dry-run --quiet --global');
      const own = path('../.config/git/attributes');
      expect(stdout).toContain(`--- /dev/null\n+++ b${own}\n`);
    }, 'true');
  });
  it('refuses what the run would refuse', async () => {
    await inRepository(async ({ sh, write }) => {
      write('.git/hooks/pre-commit', '#!/bin/sh\nexit 0\n');
      const { code, stdout, stderr } = await sh('kubeseal git install --dry-run');
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain('error: there is a hook already');
    }, 'true');
  });
  it('shows what uninstall would remove, and nothing else', async () => {
    await inRepository(async ({ sh, read, has }) => {
      const config = read('.git/config');
      const { code, stdout, stderr } = await sh('kubeseal git uninstall --dry-run');
      expect([code, read('.git/config'), has('.gitattributes'), has('.git/hooks/pre-commit')]).toEqual([
        0,
        config,
        true,
        true,
      ]);
      for (const file of ['.gitattributes', '.git/hooks/pre-commit'])
        expect(stdout).toContain(`--- a/${file}\n+++ /dev/null\n`);
      expect(stderr).toContain('note: would have removed diff.kubeseal.textconv\n');
      expect(stderr).toContain('note: git would no longer use kubeseal\n');
    });
  });
});

describe('kubeseal git install --json', () => {
  it('tells what changed, and the second time that nothing did', async () => {
    await inRepository(async ({ sh }) => {
      const told = async (command: string) => {
        const { code, stdout } = await sh(`kubeseal git ${command} --json --quiet`);
        expect(code).toBe(0);
        return JSON.parse(stdout) as { settings: { change: string }[]; files: unknown[] };
      };
      const first = await told('install');
      expect(first).toMatchObject({ schemaVersion: 1, dryRun: false });
      expect(first.settings).toContainEqual({
        key: 'diff.kubeseal.textconv',
        change: 'added',
        value: 'kubeseal git textconv --',
      });
      expect(first.files).toEqual([
        { file: '.gitattributes', change: 'added' },
        { file: '.git/hooks/pre-commit', change: 'added' },
      ]);
      const again = await told('install');
      const changes = [...again.settings, ...again.files].map((each) => (each as { change: string }).change);
      expect(new Set(changes)).toEqual(new Set(['unchanged']));
      const removed = await told('uninstall');
      expect(removed.settings).toHaveLength(3);
      expect(removed.settings.every(({ change }) => change === 'removed')).toBe(true);
      expect(await told('uninstall')).toMatchObject({ settings: [], files: [] });
    }, 'true');
  });
  it('is about a dry run too, and then the only output', async () => {
    await inRepository(async ({ sh, has }) => {
      const { stdout } = await sh("kubeseal git install --json --dry-run --hook=false 'a b/*.yaml'");
      expect(JSON.parse(stdout)).toMatchObject({
        dryRun: true,
        files: [{ file: '.gitattributes', change: 'added' }],
      });
      expect(has('.gitattributes')).toBe(false);
    }, 'true');
  });
});
