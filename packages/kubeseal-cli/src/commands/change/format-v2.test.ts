import { SEALING_NOTE } from '@fuin/crypto-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type ClusterWorld, startClusterWorld } from '../../testing/cluster-world.ts';
import { CERT, KEY } from '../../testing/keys.ts';
import { type CliRun, runCli } from '../../testing/run-cli.ts';
import { factsIn, openedBy, PROD, RECOVERY, recipients, STAGE, sealedDb } from '../../testing/v2/sealed.ts';

const FILES = { 'cert.pem': CERT, 'key.pem': KEY, 'stage.yaml': STAGE.secret, 'prod.yaml': PROD.secret };
const BOTH = { password: 'hunter2', user: 'ann' };
const V1 = `# mine\n${await sealedDb(['--cert', 'cert.pem'], FILES)}`;
const V2 = `# mine\n${await sealedDb(recipients(STAGE))}`;
const run = (argv: readonly string[], db: string, more: Partial<CliRun> = {}) =>
  runCli({ ...more, argv, files: { ...FILES, ...more.files, 'db.yaml': db } });
const formats = (text = '') => Object.values(factsIn(text)).map(({ format }) => format);
const keys = (...files: readonly string[]) => files.flatMap((file) => ['--recovery-private-key', file]);

describe('kubeseal re-encrypt --to', () => {
  it('v2 seals every item again for the recipients, and changes no other byte', async () => {
    const argv = ['re-encrypt', '--to', 'v2', ...recipients(STAGE, PROD), ...keys('key.pem'), 'db.yaml'];
    const { code, stderr, files } = await run(argv, V1);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('re-encrypted password, user in format v2'),
    });
    for (const key of [STAGE, PROD]) expect(await openedBy(key.secret, files['db.yaml'])).toEqual(BOTH);
    expect(files['db.yaml']?.split('\n')).toHaveLength(V1.split('\n').length);
    expect(files['db.yaml']).toMatch(/^# mine\n/);
    const again = await run(argv, files['db.yaml'] ?? '');
    expect(again.files['db.yaml']).toBe(files['db.yaml']);
  });
  it('v1 takes the way back, says what is lost, and loses expiry and binding', async () => {
    const bound = await sealedDb([...recipients(STAGE), '--bind-item', '--expires', '2099-01-01']);
    const argv = ['re-encrypt', '--to', 'v1', '--cert', 'cert.pem', ...keys('stage.yaml'), 'db.yaml'];
    const { code, stderr, files } = await run(argv, bound);
    expect(code).toBe(0);
    expect(stderr).toContain('warning: format v1 can be opened by a quantum computer of later years');
    expect(formats(files['db.yaml'])).toEqual(['v1', 'v1']);
    expect(await openedBy(KEY, files['db.yaml'])).toEqual(BOTH);
  });
  it('v2 keeps expiry and binding of values that get other recipients, and sets what is asked for', async () => {
    const bound = await sealedDb([...recipients(STAGE), '--bind-item', '--expires', '2099-01-01']);
    const argv = ['re-encrypt', '--to', 'v2', ...recipients(PROD), ...keys('stage.yaml'), 'db.yaml'];
    const kept = await run(argv, bound);
    const expiresAt = new Date('2099-01-01T00:00:00Z');
    expect(factsIn(kept.files['db.yaml'])['user']).toMatchObject({
      bindsItem: true,
      expiresAt,
      recipients: [PROD.id],
    });
    const changed = await run([...argv, '--expires', '2098-01-01'], bound);
    expect(factsIn(changed.files['db.yaml'])['user']?.expiresAt?.getUTCFullYear()).toBe(2098);
  });
  it('--check tells with exit code 3 what would change, and needs no key', async () => {
    const argv = ['re-encrypt', '--check', '--to', 'v2', ...recipients(STAGE), 'db.yaml'];
    const stale = await run(argv, V1);
    expect({ code: stale.code, file: stale.files['db.yaml'] }).toEqual({ code: 3, file: V1 });
    expect(stale.stderr).toContain('error: 1 of 1 SealedSecrets have items that are not of format v2');
    expect((await run(argv, V2)).code).toBe(0);
  });
  it('without --to keeps the format of each item', async () => {
    const later = await run(['re-encrypt', '--no-config', ...keys('stage.yaml'), 'db.yaml'], V2, {
      files: { '.kubeseal.yaml': '' },
    });
    expect(later.code).toBe(1); // nobody says for whom: there is neither controller nor recipient
    const settings = `clusters: {c: {recipients: [prod.txt]}}\nrules: [{paths: ["*"], cluster: c}]\n`;
    const { code, files } = await run(['re-encrypt', ...keys('stage.yaml'), 'db.yaml'], V2, {
      files: { '.kubeseal.yaml': settings, 'prod.txt': PROD.recipient },
    });
    expect(code).toBe(0);
    expect(formats(files['db.yaml'])).toEqual(['v2', 'v2']);
    expect(await openedBy(PROD.secret, files['db.yaml'])).toEqual(BOTH);
  });
  it('leaves a file alone whose values the keys do not open', async () => {
    const argv = ['re-encrypt', '--to', 'v2', ...recipients(STAGE), ...keys('prod.yaml'), 'db.yaml'];
    const { code, stderr, files } = await run(argv, V1);
    expect({ code, file: files['db.yaml'] }).toEqual({ code: 1, file: V1 });
    expect(stderr).toContain('cannot be opened with the given private keys: password: no given key opens it');
  });
  it.each<[string, readonly string[], string]>([
    ['no format', ['--to', 'v3', 'db.yaml'], 're-encrypt: --to is neither v1 nor v2'],
    ['nothing that opens', ['--to', 'v2', 'db.yaml'], 're-encrypt: nothing is given that opens the values'],
    ['a recipient without --to', [...recipients(STAGE), 'db.yaml'], 're-encrypt: --recipient needs --to v2'],
    [
      'an expiry for v1',
      ['--to', 'v1', '--expires', '9d', '--check', 'db.yaml'],
      're-encrypt: --expires needs --to v2',
    ],
    ['the cluster without --to', ['--from-cluster', 'db.yaml'], 're-encrypt: --from-cluster needs --to'],
  ])('%s is a usage error', async (_title, argv, message) => {
    const { code, stderr, files } = await run(['re-encrypt', ...argv], V2);
    expect({ code, file: files['db.yaml'] }).toEqual({ code: 2, file: V2 });
    expect(stderr).toMatch(new RegExp(`^error: ${message}`));
  });
});

describe('kubeseal re-encrypt --to v2 for the key of a controller', () => {
  let world: ClusterWorld;
  beforeAll(async () => {
    world = await startClusterWorld();
    world.controller.v2 = [STAGE];
  });
  afterAll(() => world?.stop());
  const convert = (db: string, ...more: readonly string[]) => {
    const access = ['--kubeconfig', 'kubeconfig', ...keys('prod.yaml')];
    return run(['re-encrypt', '--to', 'v2', ...access, ...more, 'db.yaml'], db, {
      files: { kubeconfig: world.kubeconfig },
    });
  };

  it('seals again what is for another key, and leaves alone what its key opens beside others', async () => {
    const { code, files } = await convert(await sealedDb(recipients(PROD)));
    expect(code).toBe(0);
    expect(await openedBy(STAGE.secret, files['db.yaml'])).toEqual(BOTH);
    const shared = await sealedDb(recipients(STAGE, PROD));
    expect(await convert(shared)).toMatchObject({ code: 0, files: { 'db.yaml': shared } });
  });
  it.each([[[]], [['--check']], [['--dry-run']]])(
    'refuses to make a value for several keys one for the controller alone: %j',
    async (more) => {
      const shared = await sealedDb(recipients(PROD, RECOVERY));
      const { code, stderr, files } = await convert(shared, ...more);
      expect({ code, file: files['db.yaml'] }).toEqual({ code: 1, file: shared });
      expect(stderr).toContain('is sealed for 2 keys, and must not become a value for one\nhint: name all');
    },
  );
  it('does it where all recipients are named', async () => {
    const { code, files } = await convert(await sealedDb(recipients(PROD, RECOVERY)), ...recipients(STAGE));
    expect(code).toBe(0);
    expect(factsIn(files['db.yaml'])['user']).toMatchObject({ recipients: [STAGE.id] });
  });
});

describe('changing an item of format v2', () => {
  it('keeps the format where nobody says one, and binds what was bound', async () => {
    const bound = await sealedDb([...recipients(STAGE), '--bind-item']);
    const { code, files } = await run(['set', '--recipient', STAGE.recipient, 'db.yaml', 'user=bob'], bound);
    expect(code).toBe(0);
    expect(factsIn(files['db.yaml'])['user']).toMatchObject({ format: 'v2', bindsItem: true });
    expect(await openedBy(STAGE.secret, files['db.yaml'])).toEqual({ ...BOTH, user: 'bob' });
  });
  it('never falls back to a certificate that the command line does not name', async () => {
    const settings = `clusters: {c: {recipients: [${STAGE.recipient}]}}\nrules: [{paths: ["*"], cluster: c}]\n`;
    const { code, files } = await run(['set', 'db.yaml', 'user=bob'], V2, {
      files: { '.kubeseal.yaml': settings },
      env: { SEALED_SECRETS_FORMAT_VERSION: '1' },
    });
    expect(code).toBe(0);
    expect(formats(files['db.yaml'])).toEqual(['v2', 'v2']);
    const typed = await run(['set', '--format-version', '1', 'db.yaml', 'user=bob'], V2, {
      files: { '.kubeseal.yaml': settings },
    });
    expect({ code: typed.code, file: typed.files['db.yaml'] }).toEqual({ code: 1, file: V2 });
    expect(typed.stderr).toContain('names recipients of format v2 for cluster c, and --format-version is 1');
  });
  it('warns where settings ask for format v1 and the variable for 2', async () => {
    const settings =
      'clusters: {c: {certificate: cert.pem}}\nrules: [{paths: ["*"], cluster: c, formatVersion: v1}]\n';
    const more = { files: { '.kubeseal.yaml': settings }, env: { SEALED_SECRETS_FORMAT_VERSION: '2' } };
    const { code, stderr } = await run(['set', 'db.yaml', 'user=bob'], V1, more);
    expect(code).toBe(0);
    expect(stderr).toContain(
      'warning: v1 counts, which .kubeseal.yaml line 2 asks of db.yaml, and not SEALED_SECRETS_FORMAT_VERSION=2',
    );
  });
  it('warns where the new value has less than the old one', async () => {
    const rich = await sealedDb([...recipients(STAGE, PROD), '--expires', '2099-01-01']);
    const { stderr } = await run(['set', ...recipients(STAGE), 'db.yaml', 'user=bob'], rich);
    expect(stderr).toContain('user was sealed for 2 keys, and is for 1 now');
    expect(stderr).toContain('user had an expiry, and has none now');
    const down = await run(['set', '--format-version', '1', '--cert', 'cert.pem', 'db.yaml', 'user=bob'], V2);
    expect(down.stderr).toContain('user was of format v2, and is of v1 now');
  });
  it('rename refuses an item that is bound to its name, and leaves the file', async () => {
    const bound = await sealedDb([...recipients(STAGE), '--bind-item']);
    const { code, stderr, files } = await run(['rename', 'db.yaml', 'user', 'login'], bound);
    expect({ code, file: files['db.yaml'] }).toEqual({ code: 1, file: bound });
    expect(stderr).toContain('user is bound to its name, and does not open as login\nhint: ');
    const free = await run(['rename', 'db.yaml', 'user', 'login'], V2);
    expect(await openedBy(STAGE.secret, free.files['db.yaml'])).toEqual({
      password: 'hunter2',
      login: 'ann',
    });
  });
});

describe('kubeseal create and copy', () => {
  it('create seals for the recipients of the settings, and notes them', async () => {
    const cluster = `{recipients: [team.txt, "${RECOVERY.recipient}"]}`;
    const settings = `clusters: {c: ${cluster}}\nrules: [{paths: ["*"], cluster: c, namespace: shop}]\n`;
    const { code, stderr, files } = await runCli({
      argv: ['create', 'db', 'password=hunter2', '-w', 'new.yaml', '--bind-item'],
      files: { '.kubeseal.yaml': settings, 'team.txt': `# team\n${STAGE.recipient}\n` },
    });
    const ids = [STAGE.id, RECOVERY.id].sort();
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining(`note: sealed in format v2 for ${ids.join(', ')}, cluster c\n`),
    });
    expect(factsIn(files['new.yaml'])['password']).toMatchObject({ recipients: ids, bindsItem: true });
    const note = parse(files['new.yaml'] ?? '').metadata.annotations[SEALING_NOTE];
    expect(Object.keys(JSON.parse(note))).toEqual([ids.join(' ')]);
  });
  it('copy refuses to make values of v1 of values of v2, unless the command line says so', async () => {
    const argv = ['copy', '--cert', 'cert.pem', ...keys('stage.yaml'), 'db.yaml', 'new.yaml'];
    const silent = await run(argv, V2);
    expect({ code: silent.code, file: silent.files['new.yaml'] }).toEqual({ code: 1, file: undefined });
    const asked = await run([...argv, '--format-version', '1'], V2);
    expect(await openedBy(KEY, asked.files['new.yaml'])).toEqual(BOTH);
    const again = ['copy', ...recipients(PROD), ...keys('stage.yaml'), 'db.yaml', 'new.yaml'];
    expect(await openedBy(PROD.secret, (await run(again, V2)).files['new.yaml'])).toEqual(BOTH);
  });
  it.each<[string, string, string]>([
    [
      'a rule of v1',
      `clusters: {c: {recipients: [r.txt]}}\nrules: [{paths: ["*"], cluster: c, formatVersion: v1}]\n`,
      '.kubeseal.yaml line 2: the rule asks for format v1, but cluster c has recipients of v2',
    ],
    [
      'another format',
      `clusters: {c: {context: c}}\nrules: [{paths: ["*"], cluster: c, formatVersion: v3}]\n`,
      'formatVersion of rule 1 is v3\nhint: ',
    ],
    [
      'a file elsewhere',
      `clusters: {c: {recipients: [/etc/passwd]}}\nrules: [{paths: ["*"], cluster: c}]\n`,
      'the file of recipients /etc/passwd is outside of the directory',
    ],
    [
      'no recipients',
      `clusters: {c: {recipients: []}}\nrules: [{paths: ["*"], cluster: c}]\n`,
      'recipients of cluster c is an empty list',
    ],
    [
      'neither context nor recipients',
      `clusters: {c: {certificate: cert.pem}}\nrules: [{paths: ["*"], cluster: c, formatVersion: v2}]\n`,
      'names no context for cluster c',
    ],
    [
      'a misspelt field',
      `clusters: {c: {context: c, recipient: []}}\n`,
      'has the unknown field recipient\nhint: did you mean recipients?',
    ],
  ])('settings with %s are one clear error', async (_title, settings, message) => {
    const { code, stderr, files } = await run(['create', 'shop/db', 'a=1', '-w', 'new.yaml'], V2, {
      files: { '.kubeseal.yaml': settings },
    });
    expect({ code, file: files['new.yaml'] }).toEqual({ code: 1, file: undefined });
    expect(stderr).toContain(message);
  });
  it('a rule for v2 is never overruled by --cert', async () => {
    const settings = `clusters: {c: {context: c}}\nrules: [{paths: ["*"], cluster: c, formatVersion: v2}]\n`;
    const argv = ['create', 'shop/db', 'a=1', '-w', 'new.yaml', '--cert', 'cert.pem'];
    const { code, stderr } = await run(argv, V2, { files: { '.kubeseal.yaml': settings } });
    expect(code).toBe(1);
    expect(stderr).toContain('.kubeseal.yaml line 2 asks for format v2, and --cert');
  });
});
