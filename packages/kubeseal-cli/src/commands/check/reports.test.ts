import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import Ajv from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import {
  certificate,
  FOREIGN,
  NEW,
  NEW_CERT,
  NEW_FROM,
  NOW,
  noted,
  OLD,
  OLD_FROM,
  sealed,
} from '../../testing/inspected.ts';
import { runCli } from '../../testing/run-cli.ts';

const SECRET = 'kind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {password: hunter2}\n';
const RENAMED = (await sealed('db', { x: '1' })).replace('"name": "db"', '"name": "db2"');
const FILES = { 'a b/ü.yaml': `kind: ConfigMap\n---\n${SECRET}`, 'b.json': RENAMED };
const check = (args: readonly string[], files: Readonly<Record<string, string>> = FILES) =>
  runCli({ argv: ['check', ...args], files, now: NOW });

describe('the reports of kubeseal check', () => {
  it('are valid SARIF 2.1.0, with paths as URIs and without a value', async () => {
    const { code, stdout, stderr } = await check(['-o', 'sarif', '.']);
    expect({ code, stderr }).toEqual({ code: 3, stderr: 'error: 1 finding\n' });
    const log = JSON.parse(stdout);
    const schema = createRequire(import.meta.url).resolve(
      '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json',
    );
    const ajv = new Ajv.default({ unicodeRegExp: false, strict: false, allErrors: true });
    addFormats.default(ajv);
    const validate = ajv.compile(JSON.parse(readFileSync(schema, 'utf8')));
    validate(log);
    expect(validate.errors).toBeNull();
    const [{ tool, results }] = log.runs;
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
    expect(results.map((each: { ruleId: string; level: string }) => [each.ruleId, each.level])).toEqual([
      ['plain-secret', 'error'],
      ['moved-value', 'warning'],
    ]);
    expect(results[0].locations[0].physicalLocation).toMatchObject({
      artifactLocation: { uri: 'a%20b/%C3%BC.yaml' },
      region: { startLine: 5 },
    });
    expect(stdout).not.toContain('hunter2');
  });
  it('are what GitLab reads as code quality', async () => {
    const { code, stdout } = await check(['-o', 'gitlab', '.']);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toEqual([
      {
        description: 'document 2 of a b/ü.yaml is a Secret in the clear: shop/db',
        check_name: 'plain-secret',
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        severity: 'critical',
        location: { path: 'a b/ü.yaml', lines: { begin: 5 } },
      },
      expect.objectContaining({ check_name: 'moved-value', severity: 'minor' }),
    ]);
  });
  it('are empty, and the exit code 0, where nothing was found', async () => {
    const clean = { 'a.yaml': 'kind: ConfigMap\n' };
    expect(JSON.parse((await check(['-o', 'gitlab', '.'], clean)).stdout)).toEqual([]);
    expect(JSON.parse((await check(['-o', 'sarif', '.'], clean)).stdout).runs[0].results).toEqual([]);
    const json = await check(['-o', 'json', '.'], clean);
    expect({ ...json, stdout: JSON.parse(json.stdout) }).toMatchObject({
      code: 0,
      stderr: '',
      stdout: { schemaVersion: 1, findings: [], inBaseline: 0, errors: [] },
    });
  });
  it('show warnings as text on stderr, also where stderr is no terminal, and not with --quiet', async () => {
    const files = { 'b.json': RENAMED };
    const { code, stdout, stderr } = await check(['.'], files);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(
      /^warning: document 1 of b\.json: SealedSecret shop\/db2: its template has the name db: .*\nhint: seal /,
    );
    expect((await check(['--quiet', '.'], files)).stderr).toBe('');
    expect(await check(['--strict', '.'], files)).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^error: document 1 of b/),
    });
  });
});

describe('the fingerprint of a finding', () => {
  const fingerprintsOf = async (files: Readonly<Record<string, string>>, ...args: string[]) => {
    const { stdout } = await check(['-o', 'json', ...args, '.'], files);
    return (JSON.parse(stdout).findings as { fingerprint: string }[]).map(({ fingerprint }) => fingerprint);
  };
  it('stays when lines move and when the value changes: it is no hash of it', async () => {
    const before = await fingerprintsOf({ 'a.yaml': SECRET });
    const after = await fingerprintsOf({ 'a.yaml': `# moved\n\n${SECRET.replace('hunter2', 'hunter3')}` });
    expect(after).toEqual(before);
    expect(await fingerprintsOf({ 'b.yaml': SECRET })).not.toEqual(before);
  });
  it('differs for findings that are alike', async () => {
    const prints = await fingerprintsOf({ 'a.yaml': `${SECRET}---\n${SECRET}` });
    expect(new Set(prints).size).toBe(2);
  });
});

describe('kubeseal check --baseline', () => {
  it('accepts the findings that it holds, and reports new ones', async () => {
    const first = await check(['--baseline', 'known.json', '--write-baseline', '.']);
    expect(first).toMatchObject({ code: 0, stdout: '' });
    expect(first.stderr).toBe('note: wrote 2 findings to known.json\n');
    const baseline = first.files['known.json'] ?? '';
    expect(baseline).not.toContain('hunter2');
    const files = { ...FILES, 'known.json': baseline };
    expect(await check(['--baseline', 'known.json', '--strict', '.'], files)).toMatchObject({
      code: 0,
      stderr: '',
    });
    const added = await check(['--baseline', 'known.json', '.'], { ...files, 'new.yaml': SECRET });
    expect(added).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^error: document 1 of new\.yaml [^\n]*\nhint: [^\n]*\n$/),
    });
    const mended = { 'known.json': baseline, 'b.json': 'kind: ConfigMap\n' };
    expect(await check(['--baseline', 'known.json', '.'], mended)).toMatchObject({
      code: 0,
      stderr: 'note: 1 finding of known.json is gone: --write-baseline writes it anew\n',
    });
  });
  it.each([
    [
      'a baseline that is missing',
      ['--baseline', 'gone.json', '.'],
      1,
      /^error: open gone\.json: no such file/,
    ],
    [
      'a file that is no baseline',
      ['--baseline', 'b.json', '.'],
      1,
      /^error: b\.json is no baseline of kubeseal check\nhint: /,
    ],
    [
      '--write-baseline without a file',
      ['--write-baseline', '.'],
      2,
      /^error: check: --write-baseline needs a file\nhint: name it/,
    ],
    ['an unknown format', ['-o', 'xml', '.'], 2, /^error: /],
  ])('refuses %s', async (_what, args, code, message) => {
    expect(await check(args)).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
  });
});

describe('kubeseal check --certs', () => {
  const rulesOf = async (files: Readonly<Record<string, string>>, ...args: string[]) => {
    const { code, stdout, stderr } = await check(['-o', 'json', ...args, 'clusters'], files);
    if (stdout === '') return { code, stderr };
    const { findings } = JSON.parse(stdout) as { findings: { rule: string; message: string }[] };
    return { code, found: findings.map(({ rule, message }) => `${rule}: ${message}`) };
  };
  const valid = (key: typeof NEW) => certificate(key, new Date(NOW.getTime() - 1000));

  it('compares the notes of each file with the certificate of its own cluster', async () => {
    const files = {
      'clusters/a/cert.pem': await valid(NEW),
      'clusters/b/cert.pem': await valid(OLD),
      'clusters/a/shop/good.json': await noted('good', { x: '1' }, NEW),
      'clusters/a/shop/other.json': await noted('other', { x: '1' }, OLD),
      'clusters/a/shop/unknown.json': await noted('unknown', { x: '1' }, FOREIGN),
      'clusters/a/shop/silent.json': await sealed('silent', { x: '1' }, { key: OLD }),
    };
    const label = (name: string) =>
      `document 1 of clusters/a/shop/${name}.json: item x of SealedSecret shop/${name}`;
    expect(await rulesOf(files, '--certs', 'clusters/*/cert.pem')).toEqual({
      code: 3,
      found: [
        `other-key: ${label('other')} was sealed with the key of clusters/b/cert.pem and not of clusters/a/cert.pem, says its note`,
        `stale-key: ${label('unknown')} was sealed with key ${FOREIGN.id}, says its note, which is not that of clusters/a/cert.pem: an older key, or one of another cluster`,
      ],
    });
  });
  it('knows the older certificates of a file, and reports those that have expired', async () => {
    const files = {
      'clusters/cert.pem': `${await valid(NEW)}${await certificate(OLD, OLD_FROM)}`,
      'clusters/a.json': await noted('a', { x: '1' }, OLD),
    };
    const older =
      'document 1 of clusters/a.json: item x of SealedSecret shop/a was sealed with an older key of clusters/cert.pem, says its note';
    expect(await rulesOf(files, '--certs', 'clusters/cert.pem')).toEqual({
      code: 0,
      found: [`stale-key: ${older}`],
    });
    const expired = { ...files, 'clusters/cert.pem': await certificate(OLD, OLD_FROM) };
    expect(await rulesOf(expired, '--certs', 'clusters/cert.pem')).toEqual({
      code: 3,
      found: ['expired-certificate: the certificate clusters/cert.pem expired on 2026-05-10'],
    });
    expect(NEW_FROM > OLD_FROM && NEW_CERT.length > 0).toBe(true);
  });
  it('warns of items of one file that were sealed with different keys, also without certificates', async () => {
    const one = await noted('one', { x: '1' }, NEW);
    const two = await noted('two', { x: '1' }, OLD);
    const silent = await sealed('three', { x: '1' }, { key: OLD });
    const message =
      'document 2 of clusters/a.json: item x was sealed with another key than others of clusters/a.json';
    expect(await rulesOf({ 'clusters/a.json': one + two })).toEqual({
      code: 0,
      found: [`several-keys: ${message}`],
    });
    expect(await rulesOf({ 'clusters/a.json': one + silent })).toEqual({ code: 0, found: [] });
  });
  it('refuses a pattern that no file matches, and a file without a certificate', async () => {
    const none = await rulesOf({ 'clusters/a.yaml': '' }, '--certs', 'clusters/*/cert.pem');
    expect(none).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: no file matches clusters\/\*\/cert\.pem\nhint: /),
    });
    const other = await rulesOf({ 'clusters/a.yaml': 'x' }, '--certs', 'clusters/a.yaml');
    expect(other).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^error: clusters\/a\.yaml holds no certificate/),
    });
  });
});
