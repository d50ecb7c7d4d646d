import { spawnSync } from 'node:child_process';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readVector } from '../vectors/read.ts';
import { guideBlock } from './guide-block.ts';
import { ROOT } from './guide-world.ts';
import { useShell } from './shell.ts';

const CONFIG = join(ROOT, 'examples', 'pre-commit', '.pre-commit-config.yaml');
const SEALED = join(ROOT, 'examples', 'shop', 'secrets', 'db.yaml');
const PLAIN = 'kind: Secret\nmetadata: {name: db}\nstringData: {password: hunter2}\n';
const AUTHOR = 'git config user.name a && git config user.email a@example.com';
const isMissing = spawnSync('pre-commit', ['--version']).error !== undefined;
const holder = useShell();

/**
 * The hook as users get it: pre-commit clones our repository at a tag and runs what .pre-commit-hooks.yaml
 * says.
 */
describe.skipIf(isMissing)(
  `the hook for pre-commit${isMissing ? ' (SKIPPED: no pre-commit here)' : ''}`,
  () => {
    beforeAll(async () => {
      const { shell } = holder;
      await shell.sh(`git init -q fuin && cd fuin && ${AUTHOR}`);
      await copyFile(join(ROOT, '.pre-commit-hooks.yaml'), shell.path('fuin/.pre-commit-hooks.yaml'));
      await shell.sh('cd fuin && git add . && git commit -qm hooks && git tag v0.1.0');
      await shell.sh(`git init -q repo && cd repo && ${AUTHOR}`);
      const config = (await readFile(CONFIG, 'utf8')).replace(/repo: .*/, `repo: ${shell.path('fuin')}`);
      await shell.write('repo/.pre-commit-config.yaml', config);
      await shell.sh('cd repo && git add . && git commit -qm config && pre-commit install');
    });
    const commit = () => holder.shell.sh('cd repo && git add . && git commit -qm change');

    it('lets a SealedSecret, and everything else, be committed', async () => {
      const { shell } = holder;
      await copyFile(SEALED, shell.path('repo/db.yaml'));
      await shell.write('repo/package.json', '{}');
      await shell.write('repo/notes.md', PLAIN);
      await shell.write('repo/chart/templates/secret.yaml', `{{- if .on }}\n${PLAIN}{{- end }}\n`);
      const { code, stderr } = await commit();
      expect({ code, stderr }).toEqual({
        code: 0,
        stderr: expect.stringMatching(/Secrets are sealed\.+Passed/),
      });
    });
    it('refuses a Secret in the clear, and says what to do', async () => {
      const { shell } = holder;
      await shell.write('repo/secret.yaml', PLAIN);
      const { code, stderr } = await commit();
      expect(code).toBe(1);
      expect(stderr).toContain('error: document 1 of secret.yaml is a Secret in the clear: db');
      expect(stderr).toContain('hint: seal a Secret with kubeseal');
      expect(stderr).not.toContain('hunter2');
      expect((await shell.sh('cd repo && git log --format=%s -- secret.yaml')).stdout).toBe('');
      await shell.sh('cd repo && git rm -qf secret.yaml');
    });
    it('refuses a SealedSecret with an item that somebody typed in', async () => {
      const sealed = await readFile(SEALED, 'utf8');
      const typed = sealed.replace(/password: .*/, 'password: hunter2');
      await holder.shell.write('repo/typed.yaml', typed);
      expect(await commit()).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('item password of SealedSecret shop/db is not sealed'),
      });
    });
  },
);

describe.skipIf(isMissing)('the hook that finds older keys', () => {
  const KEYS = { 'a.key': 'kubeseal/a.pkcs1.key', 'a.crt': 'kubeseal/a.crt', 'b.crt': 'x509/rsa-b.crt' };
  const configure = (certificate: string) =>
    holder.shell.write(
      'aged/.pre-commit-config.yaml',
      stringify({
        repos: [
          {
            repo: holder.shell.path('fuin'),
            rev: 'v0.1.0',
            hooks: [
              {
                id: 'sealed-with-newest-key',
                args: ['--recovery-private-key', `../a.key,../b.key`, '--cert', `../${certificate}`, '.'],
              },
            ],
          },
        ],
      }),
    );
  beforeAll(async () => {
    const { shell } = holder;
    for (const [file, vector] of Object.entries(KEYS)) await shell.write(file, readVector(vector));
    await shell.write('b.key', readVector('keys/rsa2048-b.pkcs8.pem'));
    await shell.sh(`git init -q aged && git init -q --bare origin.git && cd aged && ${AUTHOR}`);
    await shell.sh('cd aged && git remote add origin ../origin.git');
    await copyFile(SEALED, shell.path('aged/db.yaml'));
    await configure('a.crt');
    await shell.sh('cd aged && git add . && git commit -qm sealed && pre-commit install -t pre-push');
  });

  it('lets SealedSecrets of the newest key be pushed', async () => {
    const { code, stdout } = await holder.shell.sh('cd aged && git push -q origin HEAD:main 2>&1');
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/newest key\.+Passed/) });
  });
  it('stops a push where an older key sealed an item, and names the file', async () => {
    await configure('b.crt');
    await holder.shell.sh('cd aged && git add . && git commit -qm renewed');
    const { code, stdout } = await holder.shell.sh('cd aged && git push -q origin HEAD:main 2>&1');
    expect(code).not.toBe(0);
    expect(stdout).toMatch(/newest key\.+Failed/);
    expect(stdout).toContain('- exit code: 3');
    expect(stdout).toContain('db.yaml');
  });
});

describe('the hook for Git alone', () => {
  it('refuses a Secret in the clear and lets a SealedSecret pass', async () => {
    const { shell } = holder;
    await shell.sh(`git init -q alone && cd alone && ${AUTHOR}`);
    const script = guideBlock('pre-commit.md', 'sh');
    await shell.write('alone/.git/hooks/pre-commit', `#!/bin/sh\n${script}`, 0o755);
    const commit = () => shell.sh('cd alone && git add -A && git commit -qm change');
    await copyFile(SEALED, shell.path('alone/db.yaml'));
    expect(await commit()).toMatchObject({ code: 0 });
    await shell.write('alone/my secret.yaml', PLAIN);
    const refused = await commit();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('error: document 1 of my secret.yaml is a Secret in the clear: db');
    await shell.write('alone/--cert=c.yaml', ''); // as flags these made a sealing program of the check
    await shell.write('alone/-fs.yaml', '');
    expect((await commit()).code).toBe(1);
    await shell.sh('cd alone && git rm -qf -- "my secret.yaml" db.yaml --cert=c.yaml -fs.yaml');
    expect(await commit()).toMatchObject({ code: 0 }); // a deletion has nothing to look at
  });
});
