import { KEY_ANNOTATIONS, SEALING_KEY_LABEL } from '@fuin/crypto-core';
import { generateHybridIdentity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { type KeyWorld, startKeyWorld } from '../../testing/key-world.ts';
import { runCli } from '../../testing/run-cli.ts';
import { servedRecipients, type TestKeyV2 } from '../../testing/v2/keys.ts';
import { factsIn, openedBy, PROD, RECOVERY, recipients, STAGE, sealedDb } from '../../testing/v2/sealed.ts';

const SECRETS = '/api/v1/namespaces/kube-system/secrets';

describe('kubeseal keys and keys of format v2 in the cluster', () => {
  let world: KeyWorld;
  beforeAll(async () => {
    world = await startKeyWorld();
  });
  beforeEach(async () => {
    await world.reset();
    await store(PROD, 'v2-old', '2026-01-01T00:00:00Z');
    await store(STAGE, 'v2-new', '2026-06-01T00:00:00Z');
  });
  afterAll(() => world.stop());

  async function store(key: TestKeyV2, name: string, notBefore: string): Promise<void> {
    const secret = JSON.parse(key.secret);
    const annotations = {
      ...secret.metadata.annotations,
      'sealedsecrets.bitnami.com/key-validity': `${notBefore}/2099-01-01T00:00:00Z`,
    };
    await world.client.create(SECRETS, { ...secret, metadata: { ...secret.metadata, name, annotations } });
  }
  const labelOf = async (name: string) => (await world.secret(name)).metadata.labels?.[SEALING_KEY_LABEL];

  it('list shows both kinds, and the newest of each', async () => {
    const { stdout } = await world.keys(['list', '-o', 'json']);
    const { keys } = JSON.parse(stdout);
    const newest = keys.filter((each: { newest: boolean }) => each.newest);
    expect(newest.map((each: { fingerprint: string }) => each.fingerprint).sort()).toEqual(
      [
        world.newest.fingerprint,
        keys.find((each: { name: string }) => each.name === 'v2-new').fingerprint,
      ].sort(),
    );
    expect(keys).toHaveLength(4);
    expect(stdout).not.toContain('"seed"');
  });
  it('list and retire find by trial what a tree needs, under the names of its items', async () => {
    const files = { 'tree/db.yaml': await sealedDb([...recipients(PROD), '--bind-item']) };
    const { stdout } = await world.keys(['list', '-o', 'json', '--tree', 'tree'], { files });
    const { keys, unknown } = JSON.parse(stdout);
    expect(keys.find((each: { name: string }) => each.name === 'v2-old')).toMatchObject({ neededInTree: 1 });
    expect(unknown.tree).toBe(0);
    const needed = await world.keys(['retire', PROD.id, '--tree', 'tree'], { files });
    expect({ code: needed.code, label: await labelOf('v2-old') }).toEqual({ code: 3, label: 'active' });
    const newest = await world.keys(['retire', STAGE.id]);
    expect(newest.stderr).toContain('the key is the newest');
  });
  it('retire refuses while a file names the key, whatever its namespace is later', async () => {
    const { metadata: _metadata, ...db } = parse(await sealedDb(recipients(PROD)));
    const files = { 'tree/db.yaml': JSON.stringify({ ...db, metadata: { name: 'db' } }) };
    const { code, stderr } = await world.keys(['retire', PROD.id, '--tree', 'tree'], { files });
    expect({ code, label: await labelOf('v2-old') }).toEqual({ code: 3, label: 'active' });
    expect(stderr).toContain('1 SealedSecret needs this key');
  });
  it('retire takes one out of service by its own label, and back', async () => {
    const start = PROD.id.slice(0, 11);
    expect((await world.keys(['retire', start])).code).toBe(0);
    expect(await labelOf('v2-old')).toBe('retired');
    expect((await world.keys(['retire', start, '--undo'])).code).toBe(0);
    expect(await labelOf('v2-old')).toBe('active');
  });
  it('backup, verify and restore carry both kinds', async () => {
    const backup = await world.plainBackup();
    expect(parseAllDocuments(backup)).toHaveLength(4);
    const files = { 'keys.yaml': backup };
    const verified = await world.keys(['verify', 'keys.yaml', '--compare-cluster'], { files });
    expect(verified.stderr).toContain(`note: ${STAGE.id} of v2-new opens what is sealed for it`);
    await world.client.delete(`${SECRETS}/v2-new`);
    const missing = await world.keys(['restore', 'keys.yaml'], { files });
    expect({ code: missing.code, says: missing.stderr }).toEqual({
      code: 0,
      says: expect.stringContaining(`note: ${STAGE.id} of v2-new: created`),
    });
    expect(missing.stderr).toContain(`warning: ${STAGE.id} of the backup is newer than the key that people`);
    const restored = await world.secret('v2-new');
    expect(restored['type']).toBe('sealedsecrets.bitnami.com/x-wing-key');
    expect(restored.metadata.annotations?.['sealedsecrets.bitnami.com/key-validity']).toMatch(/^2026-06-01/);
    expect(await labelOf('v2-new')).toBe('active');
    expect((await world.keys(['restore', 'keys.yaml'], { files })).stderr).toContain('is there already');
  });
  it('backup warns where its recipients are weaker than the keys', async () => {
    const says = 'warning: keys of format v2 withstand quantum computers, and this backup does not';
    const weak = await world.keys(['backup', '--to', world.recipient, '-w', 'keys.age']);
    expect([weak.code, weak.stderr]).toEqual([0, expect.stringContaining(says)]);
    const identity = await generateHybridIdentity();
    const to = await identityToRecipient(identity);
    const strong = await world.keys(['backup', '--to', to, '-w', 'keys.age']);
    expect([strong.code, strong.stderr]).toEqual([0, expect.not.stringContaining(says)]);
    for (const name of ['v2-old', 'v2-new']) await world.client.delete(`${SECRETS}/${name}`);
    const classic = await world.keys(['backup', '--to', world.recipient, '-w', 'keys.age']);
    expect([classic.code, classic.stderr]).toEqual([0, expect.not.stringContaining(says)]);
  });
  it('a damaged one hurts only itself, and nothing of it is shown', async () => {
    const bad = JSON.parse(STAGE.secret);
    const data = { ...bad.data, seed: JSON.parse(PROD.secret).data.seed };
    await world.client.create(SECRETS, { ...bad, metadata: { ...bad.metadata, name: 'bad' }, data });
    const { code, stderr, files } = await world.keys(['backup', '--plain', '-w', 'keys.yaml']);
    expect(code).toBe(1);
    expect(stderr).toContain('error: key Secret bad: the seed does not belong to the public key');
    expect(stderr).not.toContain(data.seed);
    expect(parseAllDocuments(files['keys.yaml'] ?? '')).toHaveLength(4);
  });
  it('rotate --format-version 2 asks for a new one, and waits until it is served', async () => {
    world.controller.override = async ({ path }) => {
      const { metadata } = await world.secret('v2-new');
      const isAsked = metadata.annotations?.[KEY_ANNOTATIONS.replace] !== undefined;
      const body = servedRecipients(isAsked ? [RECOVERY, STAGE] : [STAGE]);
      return path === '/v2/recipients' ? { status: 200, body } : { status: 404 };
    };
    const { stdout } = await world.keys(['rotate', '--format-version', '2', '--timeout', '20s']);
    expect(stdout).toBe(`old ${STAGE.id}\nnew ${RECOVERY.id}\n`);
  });
});

describe('kubeseal keys new', () => {
  const make = (
    argv: readonly string[] = ['-w', 'recovery.yaml'],
    files: Readonly<Record<string, string>> = {},
  ) => runCli({ argv: ['keys', 'new', ...argv], files, now: new Date('2026-06-30T12:00:00Z') });

  it('writes a private key for nobody else to read, and prints its recipient', async () => {
    const { code, stdout, stderr, files, modes } = await make();
    expect({ code, mode: modes['recovery.yaml'] }).toEqual({ code: 0, mode: 0o600 });
    expect(stdout).toMatch(/^fuin1[a-z0-9]{1954}\n$/);
    expect(stderr).toMatch(/^note: wrote the private key v2:[0-9a-f]{32} to recovery\.yaml: keep it away/);
    const secret = files['recovery.yaml'] ?? '';
    expect(parse(secret).metadata).toEqual({
      name: 'recovery-key',
      annotations: {
        'sealedsecrets.bitnami.com/key-fingerprint': expect.stringMatching(/^v2:/),
        'sealedsecrets.bitnami.com/key-validity': '2026-06-30T12:00:00Z/2036-06-30T12:00:00Z',
      },
    });
    const sealed = await sealedDb(['--recipient', stdout.trim(), ...recipients(STAGE)]);
    expect(Object.values(factsIn(sealed))[0]?.recipients).toHaveLength(2);
    expect(await openedBy(secret, sealed)).toEqual({ password: 'hunter2', user: 'ann' });
    expect(`${stdout}${stderr}`).not.toContain(parse(secret).data.seed);
  });
  it('prints a document with --json, and makes another key each time', async () => {
    const [one, two] = [await make(['-w', 'a', '--json']), await make(['-w', 'a', '--json'])];
    expect(JSON.parse(one.stdout)).toMatchObject({
      schemaVersion: 1,
      file: 'a',
      id: expect.stringMatching(/^v2:/),
    });
    expect(JSON.parse(one.stdout).id).not.toBe(JSON.parse(two.stdout).id);
  });
  it.each<[string, readonly string[], number, string]>([
    ['no file', [], 2, 'keys new: it is not said where the private key goes'],
    ['stdout', ['-w', '-'], 2, 'keys new: it is not said where the private key goes'],
    ['a file that exists', ['-w', 'old.yaml'], 1, 'old.yaml exists already'],
  ])('%s is one clear error, and no file is touched', async (_title, argv, code, message) => {
    const result = await make(argv, { 'old.yaml': 'mine' });
    expect(result).toMatchObject({ code, stdout: '', files: { 'old.yaml': 'mine' } });
    expect(result.stderr).toMatch(new RegExp(`^error: ${message}`));
  });
  it('makes a key that restore leaves outside of the cluster', async () => {
    const { files } = await make();
    const world = await startKeyWorld();
    const restored = await world.keys(['restore', 'recovery.yaml'], { files });
    await world.stop();
    expect(restored.code).toBe(1);
    expect(restored.stderr).toMatch(/^error: key Secret recovery-key has no label of a sealing key\nhint: /);
  });
});

it.each<[string, (data: Record<string, string>) => object, string]>([
  ['no seed', ({ 'public-key': key }) => ({ 'public-key': key }), 'seed: missing'],
  ['a short seed', (data) => ({ ...data, seed: 'AAAA' }), 'the seed of a key has 32 bytes'],
  [
    'the seed of another key',
    (data) => ({ ...data, seed: JSON.parse(PROD.secret).data.seed }),
    'the seed does not belong to the public key',
  ],
  [
    'an RSA key beside it',
    (data) => ({ ...data, 'tls.key': 'AAAA' }),
    'tls.key: a key Secret of this type holds only seed and public-key',
  ],
])('--recovery-private-key: a key Secret with %s is one clear error', async (_title, change, message) => {
  const secret = JSON.parse(STAGE.secret);
  const files = { 'k.yaml': JSON.stringify({ ...secret, data: change(secret.data) }) };
  const argv = ['--recovery-unseal', '--recovery-private-key', 'k.yaml'];
  const { code, stdout, stderr } = await runCli({ argv, files, stdin: await sealedDb(recipients(STAGE)) });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(new RegExp(`^error: cannot read private keys from k\\.yaml: ${message}`));
});
