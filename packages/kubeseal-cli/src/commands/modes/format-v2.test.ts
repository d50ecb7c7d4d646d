import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { valueFactsOf } from '@fuin/crypto-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ClusterWorld, startClusterWorld } from '../../testing/cluster-world.ts';
import { CERT } from '../../testing/keys.ts';
import { type CliRun, runCli } from '../../testing/run-cli.ts';
import { V2_KEYS } from '../../testing/v2/keys.ts';
import { openedBy, PROD, RECOVERY, SECRET, STAGE } from '../../testing/v2/sealed.ts';

const [stage, prod, recovery] = [STAGE, PROD, RECOVERY];
const V2 = ['--format-version', '2'];

let world: ClusterWorld;
beforeAll(async () => {
  world = await startClusterWorld();
});
afterAll(() => world.stop());
afterEach(() => world.reset());

interface Sealed {
  readonly spec: { readonly encryptedData: Readonly<Record<string, string>> };
}
const valuesOf = (text: string) => Object.values((JSON.parse(text) as Sealed).spec.encryptedData);
const seal = (argv: readonly string[], more: Partial<CliRun> = {}) =>
  runCli({ argv, stdin: SECRET, ...more });

describe('--format-version 2', () => {
  it('seals for the newest key that the controller serves, and asks for nothing else', async () => {
    world.controller.v2 = [stage, prod];
    const { code, stdout, stderr } = await world.run(V2, { stdin: SECRET });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const value of valuesOf(stdout))
      expect(valueFactsOf(value)).toEqual({
        format: 'v2',
        recipients: [stage.id],
        bindsItem: false,
        expiresAt: undefined,
      });
    expect(await openedBy(stage.secret, stdout)).toEqual({ password: 'hunter2', user: 'ann' });
    expect(await openedBy(prod.secret, stdout)).toBeUndefined();
    expect(world.controller.seen.map(({ path }) => path)).toEqual(['/v2/recipients']);
  });
  it('fails in clear words where the controller has no such key, and never takes the certificate', async () => {
    const { code, stdout, stderr } = await world.run(V2, { stdin: SECRET });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: the controller has no key of format v2\nhint: .*--v2-keys/);
    expect(world.controller.seen.map(({ path }) => path)).toEqual(['/v2/recipients']);
  });
  it('does not say so where the proxy found no endpoints, which Kubernetes 1.30 answers with 404 too', async () => {
    const body = '{"kind":"Status","message":"services \\"sealed\\" not found"}';
    world.controller.override = () => ({ status: 404, body });
    const { code, stderr } = await world.run(V2, { stdin: SECRET });
    expect(code).toBe(1);
    expect(stderr).toMatch('error: cannot fetch recipients: services "sealed" not found\nhint: is the');
  });
  it('uses the answer of before while its ETag is the same, and with --offline where nothing answers', async () => {
    world.controller.v2 = [stage];
    const env = { XDG_CACHE_HOME: await mkdtemp(join(tmpdir(), 'kubeseal-cache-')) };
    const run = (argv: readonly string[]) => world.run([...V2, ...argv], { stdin: SECRET, env });
    await run([]);
    expect((await run([])).code).toBe(0);
    expect(world.controller.seen.at(-1)?.headers['if-none-match']).toBe(`"${stage.id}"`);
    world.controller.override = () => ({ status: 503 });
    expect((await run([])).stderr).toContain('error: cannot fetch recipients: the server answered 503');
    const away = await run(['--offline', '--warnings', 'always']);
    expect(away.stderr).toContain(
      'warning: the cluster cannot be reached; using the list of recipients fetched on',
    );
    expect(await openedBy(stage.secret, away.stdout)).toBeDefined();
    await rm(env.XDG_CACHE_HOME, { recursive: true });
  });
  it('asks nobody where only a certificate is pinned: who answers could show it and another recipient', async () => {
    world.controller.v2 = [stage];
    const env = { SEALED_SECRETS_CERT_FINGERPRINT: 'SHA256:AAAA' };
    for (const [argv, more] of [
      [['--cert-fingerprint', 'SHA256:AAAA'], {}] as const,
      [[], { env }] as const,
    ]) {
      const { code, stdout, stderr } = await world.run([...V2, ...argv], { ...more, stdin: SECRET });
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(
        /^error: --cert-fingerprint, or .*pins a certificate, .*\nhint: pin the recipient/,
      );
    }
    expect(world.controller.seen).toEqual([]);
  });
  it('--fetch-cert asks the controller for its certificate first where one is pinned', async () => {
    world.controller.v2 = [stage];
    const { code, stderr } = await world.run(['--fetch-cert', ...V2, '--cert-fingerprint', 'SHA256:AAAA']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: the certificate has fingerprint SHA256:.*, not SHA256:AAAA\n/);
    expect(world.controller.seen.map(({ path }) => path)).toEqual(['/v1/cert.pem']);
  });
  it('--fetch-cert prints the recipient, as --recipient takes it', async () => {
    world.controller.v2 = [stage, prod];
    const { code, stdout } = await world.run(['--fetch-cert', ...V2]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${stage.recipient}\n` });
    const file = { 'r.txt': stdout };
    expect((await seal(['--recipient', 'r.txt'], { files: file })).code).toBe(0);
  });
  it.each([
    ['seals one value for several keys, each of which opens it', [stage, prod, recovery]],
    ['seals for one', [prod]],
  ])('%s', async (_title, keys) => {
    const argv = keys.flatMap(({ recipient }) => ['--recipient', recipient]);
    const { code, stdout } = await seal(argv);
    expect(code).toBe(0);
    for (const key of V2_KEYS) {
      const isMeant = keys.includes(key);
      expect((await openedBy(key.secret, stdout)) !== undefined).toBe(isMeant);
    }
  });
  it('reads recipients from a file, with comments and empty lines', async () => {
    const team = `# the clusters\n${stage.recipient}\n\n  ${prod.recipient}\r\n`;
    const { code, stdout } = await seal([...V2, '--recipient', 'team.txt'], { files: { 'team.txt': team } });
    expect(code).toBe(0);
    expect(valueFactsOf(valuesOf(stdout)[0] ?? '').recipients).toEqual([stage.id, prod.id].sort());
  });
});

describe('the terms of values of format 2', () => {
  it('are an expiry and the item that they open as', async () => {
    const argv = ['--recipient', stage.recipient, '--bind-item', '--expires', '90d'];
    const { stdout } = await seal(argv, { now: new Date('2026-06-30T12:00:00.5Z') });
    for (const value of valuesOf(stdout))
      expect(valueFactsOf(value)).toMatchObject({
        bindsItem: true,
        expiresAt: new Date('2026-09-28T12:00:00Z'),
      });
    expect(await openedBy(stage.secret, stdout)).toEqual({ password: 'hunter2', user: 'ann' });
    const { encryptedData } = (JSON.parse(stdout) as Sealed).spec;
    const { password = '', user = '' } = encryptedData;
    const swapped = { ...JSON.parse(stdout), spec: { encryptedData: { password: user, user: password } } };
    expect(await openedBy(stage.secret, JSON.stringify(swapped))).toBeUndefined();
  });
  it.each([
    ['2027-01-31', '2027-01-31T00:00:00.000Z'],
    ['2027-01-31T12:00:00+02:00', '2027-01-31T10:00:00.000Z'],
    ['12h', '2026-07-01T00:00:00.000Z'],
    ['4w', '2026-07-28T12:00:00.000Z'],
  ])('%s means %s', async (expires, moment) => {
    const now = new Date('2026-06-30T12:00:00Z');
    const { stdout } = await seal(['--recipient', stage.recipient, '--expires', expires], { now });
    expect(valueFactsOf(valuesOf(stdout)[0] ?? '').expiresAt?.toISOString()).toBe(moment);
  });
});

describe('--raw and --merge-into in format 2', () => {
  it('seal one value, bound to the item that --from-file names', async () => {
    const argv = [
      ...V2,
      '--raw',
      '--recipient',
      stage.recipient,
      '-n',
      'shop',
      '--name',
      'db',
      '--bind-item',
    ];
    const { code, stdout } = await seal([...argv, '--from-file', 'password=-'], { stdin: 'hunter2' });
    expect(code).toBe(0);
    const object = {
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecret',
      metadata: { name: 'db', namespace: 'shop' },
      spec: { encryptedData: { password: stdout } },
    };
    expect(await openedBy(stage.secret, JSON.stringify(object))).toEqual({ password: 'hunter2' });
  });
  it('keep the format of the file where nobody says one', async () => {
    const file = (await seal(['--recipient', stage.recipient])).stdout;
    world.controller.v2 = [stage];
    const stdin = 'metadata: {name: db, namespace: shop}\nstringData: {token: t0ken}\n';
    const { code, files } = await world.run(['--merge-into', 'db.json'], {
      stdin,
      files: { 'db.json': file },
    });
    expect(code).toBe(0);
    expect(await openedBy(stage.secret, files['db.json'] ?? '')).toEqual({
      password: 'hunter2',
      user: 'ann',
      token: 't0ken',
    });
  });
});

describe('bad input', () => {
  const now = new Date('2026-06-30T12:00:00Z');
  it.each<[string, readonly string[], RegExp]>([
    [
      'a certificate',
      [...V2, '--cert', 'c.pem'],
      /^error: format 2 is asked for, and --cert .* is a certificate/,
    ],
    [
      'format 1 for a recipient',
      ['--format-version', '1', '--recipient', stage.recipient],
      /^error: --recipient is a/,
    ],
    [
      'a pinned certificate',
      ['--recipient', stage.recipient, '--cert-fingerprint', 'SHA256:x'],
      /^error: --cert-f/,
    ],
    ['an expiry in format 1', ['--cert', 'c.pem', '--expires', '90d'], /^error: --expires needs format 2/],
    ['a bound item in format 1', ['--cert', 'c.pem', '--bind-item'], /^error: --bind-item needs format 2/],
    [
      'an expiry that has passed',
      [...V2, '--expires', '2026-01-01'],
      /^error: --expires is 2026-01-01T.*has passed/,
    ],
    [
      'no day',
      [...V2, '--expires', '2027-02-30'],
      /^error: --expires is neither a day, a time nor a duration\n/,
    ],
    ['no duration', [...V2, '--expires', '0d'], /^error: --expires is neither/],
    [
      'a recipient twice',
      ['--recipient', stage.recipient, '--recipient', 'r.txt'],
      /^error: line 2 of r.txt is the same key as recipient 1\n/,
    ],
    [
      '17 recipients',
      Array.from({ length: 17 }, () => ['--recipient', stage.recipient]).flat(),
      /^error: 17 recipients/,
    ],
    [
      'a damaged recipient',
      ['--recipient', `${stage.recipient.slice(0, -1)}${stage.recipient.endsWith('q') ? 'p' : 'q'}`],
      /^error: recipient 1: the recipient is damaged/,
    ],
    ['a private key', ['--recipient', 'k.yaml'], /^error: line 1 of k.yaml: the recipient is damaged/],
    ['an empty file', ['--recipient', 'empty'], /^error: empty holds no recipient\n/],
    ['a file that is missing', ['--recipient', 'none'], /^error: open none: no such file/],
    [
      'a raw value that is bound to nothing',
      ['--raw', '--recipient', stage.recipient, '-n=a', '--name=b', '--bind-item'],
      /^error: --bind-item with --raw needs/,
    ],
  ])('%s is one clear error, and nothing is written', async (_title, argv, message) => {
    const files = {
      'c.pem': CERT,
      'r.txt': `#\n${stage.recipient}`,
      'k.yaml': stage.secret,
      empty: '# none\n',
    };
    const { code, stdout, stderr, files: after } = await seal([...argv, '-w', 'out.yaml'], { files, now });
    expect({ code, stdout, out: after['out.yaml'] }).toEqual({ code: 1, stdout: '', out: undefined });
    expect(stderr).toMatch(message);
    expect(stderr.match(/^error:/gm)).toHaveLength(1);
    expect(stderr).not.toContain(stage.recipient.slice(10, 40));
    expect(stderr).not.toContain('seed');
  });
  it.each<[string, string, RegExp]>([
    ['no JSON', 'hello', /: it is not JSON\n/],
    ['no list', '{"recipients": {}}', /: it lists no recipients\n/],
    ['a damaged key', JSON.stringify({ recipients: [{ ...served(), recipient: 'fuin1qq' }] }), /is damaged/],
    [
      'the name of another key',
      JSON.stringify({ recipients: [{ ...served(), id: prod.id }] }),
      /has the name of another key\n/,
    ],
    [
      'no times',
      JSON.stringify({ recipients: [{ ...served(), notAfter: 'soon' }] }),
      /lacks its recipient, or its times\n/,
    ],
    [
      'only what it does not know',
      JSON.stringify({ recipients: [{ ...served(), suite: 9 }] }),
      /^error: no key of format v2 of the controller is valid now\n/,
    ],
    [
      'only expired keys',
      JSON.stringify({ recipients: [{ ...served(), notAfter: '2026-06-01T00:00:00Z' }] }),
      /^error: no key of format v2 .* valid now\n/,
    ],
  ])('an answer of the controller with %s is refused', async (_title, body, message) => {
    world.controller.override = ({ path }) => (path === '/v2/recipients' ? { status: 200, body } : undefined);
    const { code, stdout, stderr } = await world.run(V2, { stdin: SECRET, now });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
  });
});

function served() {
  const { id, recipient } = stage;
  return {
    id,
    recipient,
    suite: 1,
    format: 'v2',
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2036-01-01T00:00:00Z',
  };
}
