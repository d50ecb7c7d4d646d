import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ClusterWorld, startClusterWorld } from '../../testing/cluster-world.ts';
import { CERT } from '../../testing/keys.ts';
import { type CliRun, runCli } from '../../testing/run-cli.ts';
import { openedBy, PROD, SECRET, STAGE } from '../../testing/v2/sealed.ts';

const [stage, prod] = [STAGE, PROD];

let world: ClusterWorld;
beforeAll(async () => {
  world = await startClusterWorld();
});
afterAll(() => world.stop());
afterEach(() => world.reset());

const seal = (argv: readonly string[]) => runCli({ argv, stdin: SECRET });

describe('--merge-into a value of format 2', () => {
  const stdin = 'metadata: {name: db, namespace: shop}\nstringData: {user: bob}\n';
  const merge = async (before: readonly string[], argv: readonly string[], more: Partial<CliRun> = {}) => {
    const db = (await seal(before)).stdout;
    const files = { 'db.json': db, 'c.pem': CERT };
    return world.run(['--merge-into', 'db.json', ...argv], { stdin, files, ...more });
  };
  it('warns where the new value has less', async () => {
    const rich = ['--recipient', stage.recipient, '--recipient', prod.recipient, '--expires', '2099-01-01'];
    const always = ['--warnings', 'always'];
    const { stderr } = await merge([...rich, '--bind-item'], ['--recipient', stage.recipient, ...always]);
    expect(stderr).toContain('db.json: user was sealed for 2 keys, and is for 1 now');
    expect(stderr).toContain('db.json: user had an expiry, and has none now');
    expect(stderr).toContain('db.json: user was bound to its item, and is not now');
    expect(stderr).not.toContain('password');
    const v1 = ['--format-version', '1', '--cert', 'c.pem', ...always];
    const down = await merge(['--recipient', stage.recipient], v1);
    expect(down.stderr).toContain('db.json: user was of format v2, and is of v1 now');
  });
  it('never asks the controller where the command line names a certificate', async () => {
    world.controller.v2 = [stage];
    const { code, stderr } = await merge(['--recipient', stage.recipient], ['--cert', 'c.pem']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('--cert')]);
    expect(world.controller.seen).toEqual([]);
    const pinned = {
      files: { 'db.json': (await seal(['--recipient', stage.recipient])).stdout, 'c.pem': CERT },
    };
    const set = await world.run([], {
      ...pinned,
      argv: ['set', '--kubeconfig', 'kubeconfig', '--cert', 'c.pem', 'db.json', 'user=bob'],
    });
    expect([set.code, set.stderr]).toEqual([1, expect.stringContaining('--cert')]);
    expect(world.controller.seen).toEqual([]);
  });
  it('refuses one for fewer keys, or of format 1, that nobody asks for in so many words', async () => {
    const two = ['--recipient', stage.recipient, '--recipient', prod.recipient];
    world.controller.v2 = [stage];
    const fewer = await merge(two, []);
    expect([fewer.code, fewer.stderr]).toEqual([
      1,
      expect.stringContaining('user is sealed for 2 keys, and must'),
    ]);
    const env = { SEALED_SECRETS_FORMAT_VERSION: '1' };
    const down = await merge(two, ['--cert', 'c.pem'], { env });
    expect([down.code, down.stderr]).toEqual([
      1,
      expect.stringContaining('user is of format v2, and must not'),
    ]);
    for (const { files } of [fewer, down])
      expect(await openedBy(prod.secret, files['db.json'])).toEqual({ password: 'hunter2', user: 'ann' });
  });
});
