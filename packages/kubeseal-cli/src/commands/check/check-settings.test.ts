import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { noted } from '../../testing/inspected.ts';
import { type CliRun, runCli } from '../../testing/run-cli.ts';
import { certificateOf, NOW, PAIRS, REPOSITORY, SETTINGS } from '../../testing/three-clusters.ts';

type Files = Readonly<Record<string, string>>;
const FILES: Files = {
  ...REPOSITORY,
  'clusters/prod/a.json': await noted('a', { x: '1' }, PAIRS.prod),
  'clusters/stage/a.json': await noted('a', { x: '1' }, PAIRS.stage),
};
/** What `kubeseal check -o json` finds and fails with. */
async function check(files: Files, args: readonly string[] = [], more: Partial<CliRun> = {}) {
  const argv = ['check', '-o', 'json', '--strict', ...args, 'clusters'];
  const { code, stdout, stderr } = await runCli({ now: NOW, ...more, argv, files });
  const { findings, errors } = JSON.parse(stdout) as {
    findings: { rule: string; file: string; message: string }[];
    errors: { file: string; message: string }[];
  };
  const found = findings.map(({ rule, file }) => `${rule} ${file}`);
  return { code, found, messages: findings.map(({ message }) => message), errors, stderr };
}
const withRule = (terms: string) => ({
  ...FILES,
  '.kubeseal.yaml': SETTINGS.replace('cluster: prod, namespace: shop}', `cluster: prod, ${terms}}`),
});

describe('kubeseal check in a repository with settings', () => {
  it('accepts files that were sealed for their own cluster', async () => {
    expect(await check(FILES)).toMatchObject({ code: 0, found: [], errors: [], stderr: '' });
  });
  it('finds a file that was sealed for another cluster, and names both', async () => {
    const { code, found, messages } = await check({
      ...FILES,
      'clusters/prod/b.json': await noted('b', { x: '1' }, PAIRS.stage),
    });
    expect({ code, found }).toEqual({ code: 3, found: ['other-key clusters/prod/b.json'] });
    expect(messages[0]).toContain(
      'was sealed with the key of clusters/stage/cert.pem and not of clusters/prod/cert.pem',
    );
  });
  it('lets --certs win, and takes no settings with --no-config', async () => {
    const moved = { ...FILES, 'clusters/prod/b.json': await noted('b', { x: '1' }, PAIRS.stage) };
    expect((await check(moved, ['--no-config'])).found).toEqual([]);
    const { found } = await check(FILES, ['--certs', 'clusters/dev/cert.pem']);
    expect(found.sort()).toEqual(['stale-key clusters/prod/a.json', 'stale-key clusters/stage/a.json']);
  });
  it('goes by the fingerprint alone where the certificate is a URL, which it does not fetch', async () => {
    const url = (more: string) => ({
      ...FILES,
      '.kubeseal.yaml': `clusters: {prod: {certificate: "https://127.0.0.1:1/c.pem"${more}}}\nrules: [{paths: ["**"], cluster: prod}]\n`,
    });
    const pinned = await check(url(`, fingerprint: "${PAIRS.prod.id}"`));
    expect(pinned).toMatchObject({ code: 3, errors: [], stderr: expect.not.stringContaining('note:') });
    expect(pinned.found).toContain('stale-key clusters/stage/a.json');
    expect(pinned.messages.join()).toContain('not that of cluster prod of .kubeseal.yaml');
    const { stderr, found } = await check(url(''));
    expect(stderr.match(/note: .*nothing is fetched/g)).toHaveLength(1);
    expect(found).toEqual(['duplicate-object clusters/stage/a.json']);
  });
  it('fails once for a certificate that is missing or not the pinned one, and checks the rest', async () => {
    const { 'clusters/stage/cert.pem': _, ...missing } = FILES;
    const other = { ...FILES, 'clusters/stage/cert.pem': await certificateOf('dev') };
    const more = { 'clusters/stage/b.json': await noted('b', { x: '1' }, PAIRS.stage) };
    for (const files of [missing, other]) {
      const { code, errors, found } = await check({ ...files, ...more });
      expect({ code, found }).toEqual({ code: 1, found: [] });
      expect(errors).toEqual([
        { file: '.kubeseal.yaml', message: expect.stringMatching(/^cluster stage of \.kubeseal\.yaml: /) },
      ]);
    }
  });
  it('reports an expired certificate of a cluster that files are checked for, and of no other', async () => {
    const expired = {
      'clusters/stage/cert.pem': await certificateOf('stage', new Date('2026-06-01T00:00:00Z')),
      'clusters/dev/cert.pem': await certificateOf('dev', new Date('2026-06-01T00:00:00Z')),
    };
    expect((await check({ ...FILES, ...expired })).found).toEqual([
      'expired-certificate clusters/stage/cert.pem',
    ]);
  });
  it('goes on without settings that cannot be read, and fails once at the end', async () => {
    const secret = 'kind: Secret\nmetadata: {name: s}\nstringData: {a: b}\n';
    const { code, found, errors } = await check({
      ...FILES,
      '.kubeseal.yaml': 'clusters: {prd: 1}\n',
      'clusters/prod/s.yaml': secret,
    });
    expect({ code, found }).toEqual({ code: 3, found: ['plain-secret clusters/prod/s.yaml'] });
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('.kubeseal.yaml line 1: cluster prd is not a map'),
    ]);
  });
  it('goes by the rule of the file that a link leads to', async () => {
    const { found } = await check(FILES, [], {
      prepare: (directory) => symlink('../prod/a.json', join(directory, 'clusters/dev/a.json')),
    });
    expect(found).toEqual(['duplicate-object clusters/prod/a.json']);
  });
  it('opens no certificate outside of the repository', async () => {
    const { code, errors } = await check(
      {
        ...FILES,
        '.kubeseal.yaml': SETTINGS.replace('clusters/prod/cert.pem', 'clusters/prod/link.pem'),
      },
      [],
      {
        prepare: async (directory) => {
          await writeFile(`${directory}.pem`, FILES['clusters/prod/cert.pem'] ?? '');
          await symlink(`${directory}.pem`, join(directory, 'clusters/prod/link.pem'));
        },
      },
    );
    expect({ code, message: errors[0]?.message }).toEqual({
      code: 1,
      message: expect.stringContaining('is outside of the directory of the settings file'),
    });
  });
});

describe('kubeseal check, for the rules of the settings', () => {
  it.each([
    ['requiredLabels: [team]', 'missing-label', 'lacks the label team, which .kubeseal.yaml line 6 requires'],
    ['namespace: web', 'other-namespace', 'is not in namespace web, which .kubeseal.yaml line 6 names'],
  ])('with %s finds %s', async (terms, rule, why) => {
    const { code, found, messages } = await check(withRule(terms));
    expect({ code, found }).toEqual({ code: 3, found: [`${rule} clusters/prod/a.json`] });
    expect(messages).toEqual([`document 1 of clusters/prod/a.json: SealedSecret shop/a ${why}`]);
  });
  it('takes a label of the SealedSecret or of its template', async () => {
    for (const place of ['"metadata": {', '"template": {\n      "metadata": {']) {
      const labelled = (FILES['clusters/prod/a.json'] ?? '').replace(
        place,
        `${place} "labels": {"team": "a"},`,
      );
      expect(labelled).toContain('team');
      const files = { ...withRule('requiredLabels: [team]'), 'clusters/prod/a.json': labelled };
      expect((await check(files)).found).toEqual([]);
    }
  });
  it('finds a scope that is wider than that of the rule, and accepts a narrower one', async () => {
    const wide = JSON.parse(await noted('a', { x: '1' }, PAIRS.prod)) as {
      metadata: { annotations: Record<string, string> };
    };
    wide.metadata.annotations['sealedsecrets.bitnami.com/cluster-wide'] = 'true';
    const files = { ...withRule('scope: namespace-wide'), 'clusters/prod/b.json': JSON.stringify(wide) };
    const { found, messages } = await check(files);
    expect(found).toContain('wider-scope clusters/prod/b.json');
    expect(found).not.toContain('wider-scope clusters/prod/a.json');
    expect(messages.join()).toContain('is cluster-wide, and .kubeseal.yaml line 6 says namespace-wide');
  });
});

describe('kubeseal why in a repository with settings', () => {
  it('says whose certificate has the key of the note', async () => {
    const files = { ...FILES, 'clusters/prod/b.json': await noted('b', { x: '1' }, PAIRS.stage) };
    const { stdout } = await runCli({ argv: ['why', 'clusters/prod/b.json'], files });
    expect(stdout).toContain(`${PAIRS.stage.id} (the key of clusters/stage/cert.pem)`);
  });
});
