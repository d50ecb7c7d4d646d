import { describe, expect, it } from 'vitest';
import { CERT } from '../../testing/keys.ts';
import { runCli } from '../../testing/run-cli.ts';
import { PROD, RECOVERY, recipients, STAGE, sealedDb } from '../../testing/v2/sealed.ts';

const SETTINGS = `clusters: {c: {recipients: [team.txt]}}\nrules: [{paths: ["*.yaml"], cluster: c}]\n`;
const TEAM = { 'team.txt': `${STAGE.recipient}\n${PROD.recipient}\n`, '.kubeseal.yaml': SETTINGS };
const V1 = await sealedDb(['--cert', 'c'], { c: CERT });
const OWN = await sealedDb(recipients(STAGE, PROD));
const [FEWER, MORE] = [await sealedDb(recipients(STAGE)), await sealedDb(recipients(STAGE, PROD, RECOVERY))];
const check = (db: string, argv: readonly string[] = [], files: Readonly<Record<string, string>> = TEAM) =>
  runCli({
    argv: ['check', ...argv, 'db.yaml'],
    files: { ...files, 'db.yaml': db },
    now: new Date('2098-12-20'),
  });

describe('kubeseal check of format v2', () => {
  it('accepts a value for the recipients that the settings name', async () => {
    expect(await check(OWN)).toMatchObject({ code: 0, stderr: '' });
  });
  it.each<[string, string, RegExp]>([
    [
      'of format v1',
      V1,
      /item password of SealedSecret shop\/db is of format v1, and \.kubeseal\.yaml line 2 asks for v2/,
    ],
    ['that lacks a recipient', FEWER, new RegExp(`it lacks ${PROD.id}\n`)],
    ['for somebody else too', MORE, new RegExp(`it has ${RECOVERY.id}, which is not named\n`)],
  ])('finds a value %s', async (_title, db, message) => {
    const { code, stderr } = await check(db);
    expect(code).toBe(3);
    expect(stderr).toMatch(message);
    expect((await check(db, ['--no-config'])).code).toBe(0);
  });
  it('finds values that have expired, and warns of those that soon do', async () => {
    const expiring = (day: string) => sealedDb([...recipients(STAGE, PROD), '--expires', day]);
    const old = await check(await expiring('2098-12-01'));
    expect(old.code).toBe(3);
    expect(old.stderr).toContain('item password of SealedSecret shop/db expired at 2098-12-01T00:00:00Z');
    const soon = await check(await expiring('2099-01-01'));
    expect(soon).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('user of SealedSecret shop/db expires at'),
    });
    expect(await check(await expiring('2099-06-01'))).toMatchObject({ code: 0, stderr: '' });
  });
  it('goes on where the recipients of a cluster cannot be read, and still asks for v2', async () => {
    const broken = { ...TEAM, 'team.txt': 'fuin1qqqq' };
    const { code, stderr } = await check(V1, [], broken);
    expect(code).toBe(3);
    expect(stderr).toContain('warning: cluster c: line 1 of team.txt: the recipient is damaged');
    expect(stderr).toContain('is of format v1');
    expect((await check(OWN, [], broken)).code).toBe(0);
  });
});

describe('kubeseal inspect and why of format v2', () => {
  const inspect = async (db: string, argv: readonly string[] = [], files = {}) => {
    const run = { argv: ['inspect', '-o', 'json', ...argv, 'db.yaml'], files: { ...files, 'db.yaml': db } };
    const { sealedSecrets } = JSON.parse((await runCli(run)).stdout);
    return sealedSecrets[0].items[0];
  };
  it('tell format, recipients, binding and expiry without a key', async () => {
    const rich = await sealedDb([...recipients(STAGE, PROD), '--bind-item', '--expires', '2099-01-01']);
    const ids = [STAGE.id, PROD.id].sort();
    expect(await inspect(rich)).toMatchObject({
      format: 'v2',
      recipients: ids,
      boundToItem: true,
      expiresAt: '2099-01-01T00:00:00.000Z',
      keyFingerprint: ids.join(' '),
      keyEvidence: 'value',
      keyStatus: 'unknown',
    });
    const wide = await runCli({ argv: ['inspect', '-o', 'wide', 'db.yaml'], files: { 'db.yaml': rich } });
    expect(wide.stdout).toMatch(/v2,bound +2099-01-01T00:00:00Z/);
  });
  it('say whether it is for the recipients of the settings, and which given key opens it', async () => {
    expect(await inspect(OWN, [], TEAM)).toMatchObject({ keyStatus: 'current', keyEvidence: 'value' });
    const other = await sealedDb(recipients(RECOVERY));
    expect(await inspect(other, [], TEAM)).toMatchObject({ keyStatus: 'stale' });
    const bound = await sealedDb([...recipients(STAGE, PROD), '--bind-item']);
    const keys = ['--recovery-private-key', 'k.yaml'];
    expect(await inspect(bound, keys, { 'k.yaml': PROD.secret })).toMatchObject({
      keyFingerprint: PROD.id,
      keyEvidence: 'opened',
    });
  });
  it('why names the keys that a value is sealed for, where none of them was tried', async () => {
    const argv = ['why', '--recovery-private-key', 'k.yaml', 'db.yaml'];
    const files = { 'db.yaml': await sealedDb(recipients(STAGE)), 'k.yaml': PROD.secret };
    const { stdout } = await runCli({ argv, files });
    expect(stdout).toContain(`password: it is sealed for key ${STAGE.id}, and no such key was tried`);
    const own = await runCli({ argv, files: { ...files, 'k.yaml': STAGE.secret } });
    expect(own.stdout).toContain(`password: it opens with key ${STAGE.id}`);
  });
});
