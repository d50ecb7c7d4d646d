import { armor, Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type KeyWorld, startKeyWorld } from '../../testing/key-world.ts';
import { type CliRun, runCli } from '../../testing/run-cli.ts';

const keys = (argv: readonly string[], more?: Partial<CliRun>) =>
  runCli({ argv: ['keys', ...argv], ...more });
const SHARES = ['share-1.txt', 'share-2.txt', 'share-3.txt'] as const;

describe('kubeseal keys split', () => {
  it('writes one file for each share, readable for nobody else, and prints the recipient', async () => {
    const { code, stdout, stderr, files, modes } = await keys(['split', '-k', '2', '-n', '3']);
    expect({ code, modes }).toEqual({
      code: 0,
      modes: Object.fromEntries(SHARES.map((name) => [name, 0o600])),
    });
    expect(stdout).toMatch(/^age1[a-z0-9]{58}\n$/);
    expect(files['share-2.txt']).toMatch(
      /^# Share 2 of 3 of split [0-9a-f]{16}\. Any 2 of them decrypt the backups:\n.*\nkubeseal-share-1\w+\n$/,
    );
    expect(stderr).toContain('any 2 of them were joined to the identity again\n');
    expect(`${stdout}${stderr}${Object.values(files).join()}`).not.toContain('AGE-SECRET-KEY');
  });
  it('prints the recipient as a JSON document, and so does join, without the identity', async () => {
    const split = await keys(['split', '--json', '--quiet']);
    const { recipient, ...rest } = JSON.parse(split.stdout) as { recipient: string };
    expect(recipient).toMatch(/^age1[a-z0-9]{58}$/);
    expect(rest).toEqual({ schemaVersion: 1, threshold: 2, files: SHARES });
    const joined = await keys(['join', '-w', 'id', '--json', SHARES[0], SHARES[1]], split);
    expect(JSON.parse(joined.stdout)).toEqual({ schemaVersion: 1, recipient, file: 'id' });
    expect(split.stdout + joined.stdout + joined.stderr).not.toContain('AGE-SECRET-KEY');
    const piped = await keys(['join', '-w', '-', '--json', SHARES[0], SHARES[1]], split);
    expect({ code: piped.code, stdout: piped.stdout }).toEqual({ code: 2, stdout: '' });
    expect(piped.stderr).toContain('--json needs a file for the identity');
  });
  it('makes a post-quantum identity on request', async () => {
    expect((await keys(['split', '--post-quantum', '-w', 'pq'])).stdout).toMatch(/^age1pq1/);
  });
  it('replaces no file, and then leaves none of its own behind', async () => {
    const { code, stderr, files } = await keys(['split'], { files: { 'share-2.txt': 'mine' } });
    expect({ code, files }).toEqual({ code: 1, files: { 'share-2.txt': 'mine' } });
    expect(stderr).toMatch(/^error: share-2.txt exists already\n/);
  });
  it.each([
    [['-k', '1'], '--threshold is at least 2'],
    [['-k', '4', '-n', '3'], '--shares is from 4, which is --threshold, to 255'],
    [['-n', '256'], '--shares is from 2, which is --threshold, to 255'],
    [['-w', '-'], 'shares go to one file each'],
    [['-i', 'x', '--post-quantum'], '--identity and --post-quantum exclude each other'],
  ])('refuses the command line %j', async (argv, message) => {
    const { code, stderr } = await keys(['split', ...argv]);
    expect([code, stderr.split('\n')[0]]).toEqual([2, `error: keys split: ${message}`]);
  });
});

describe('kubeseal keys join', () => {
  it('gives back the identity that was split, as a file that age reads', async () => {
    const identity = await generateX25519Identity();
    const split = await keys(['split', '-i', 'id.txt'], { files: { 'id.txt': `# mine\n${identity}\n` } });
    const recipient = await identityToRecipient(identity);
    expect(split.stdout).toBe(`${recipient}\n`);
    const { code, files, modes } = await keys(['join', '-w', 'joined', 'share-3.txt', 'share-1.txt'], split);
    expect({ code, text: files['joined'], mode: modes['joined'] }).toEqual({
      code: 0,
      text: `# public key: ${recipient}\n${identity}\n`,
      mode: 0o600,
    });
  });
  it.each([
    ['a file without a share', ['share-1.txt', 'note'], 'note holds no share'],
    [
      'a damaged share',
      ['share-1.txt', 'bad'],
      'cannot read the share in bad: it is damaged: its checksum is another one',
    ],
    ['too few', ['share-1.txt'], '2 of the 3 shares are needed, and 1 is there'],
    ['one share twice', ['share-1.txt', 'copy'], 'share 1 is there twice, in share-1.txt and copy'],
  ])('refuses %s', async (_, shares, message) => {
    const split = await keys(['split']);
    const text = split.files['share-1.txt'] ?? '';
    const bad = text.replace(/.\n$/, (end) => (end === 'q\n' ? 'p\n' : 'q\n'));
    const files = { ...split.files, note: 'nothing\n', bad, copy: text };
    const { code, stderr, stdout, files: after } = await keys(['join', '-w', 'out', ...shares], { files });
    expect([code, stderr.split('\n')[0], stdout, after['out']]).toEqual([
      1,
      `error: ${message}`,
      '',
      undefined,
    ]);
    expect(stderr).not.toContain('kubeseal-share-1q');
  });
});

describe('backups for split identities', () => {
  let world: KeyWorld;
  beforeAll(async () => {
    world = await startKeyWorld();
  });
  beforeEach(() => world.reset());
  afterAll(() => world.stop());

  it('are proven, verified and restored with shares, and the identity is written nowhere', async () => {
    const split = await keys(['split']);
    const files = { ...split.files, to: split.stdout };
    const shares = ['-i', 'share-1.txt', '-i', 'share-3.txt'];
    const backup = await world.keys(['backup', '--to', 'to', '-w', 'keys.age', ...shares], { files });
    expect(backup.code).toBe(0);
    const verified = await keys(['verify', '-i', 'share-2.txt', '-i', 'share-1.txt', 'keys.age'], backup);
    expect([verified.code, verified.stderr.match(/opens what is sealed for it/g)?.length]).toEqual([0, 2]);
    await world.client.delete('/api/v1/namespaces/kube-system/secrets/old-key');
    expect((await world.keys(['restore', ...shares, 'keys.age'], { files: backup.files })).code).toBe(0);
    expect(await world.secretNames()).toContain('old-key');
    const one = await keys(['verify', '-i', 'share-2.txt', 'keys.age'], backup);
    expect([one.code, one.stderr.split('\n')[0]]).toEqual([
      1,
      'error: 2 of the 3 shares are needed, and 1 is there',
    ]);
  });
  it('are opened by age with the joined identity', async () => {
    const split = await keys(['split']);
    const files = { ...split.files, to: split.stdout };
    const backup = await world.keys(['backup', '--to', 'to', '-w', 'keys.age'], { files });
    const joined = await keys(['join', '-w', '-', 'share-1.txt', 'share-2.txt'], backup);
    const decrypter = new Decrypter();
    decrypter.addIdentity(joined.stdout.split('\n')[1] ?? '');
    const plain = await decrypter.decrypt(armor.decode(backup.files['keys.age'] ?? ''), 'text');
    expect(plain).toContain('name: old-key');
  });
});
