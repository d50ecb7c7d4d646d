import { chmod, writeFile } from 'node:fs/promises';
import { KEY_ANNOTATIONS, KEY_LABEL, SEALING_KEY_LABEL } from '@fuin/crypto-core';
import { toXWingKey, XWingKeyPair } from '@fuin/crypto-core/v2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApiObject } from '../../../../../test/support/api/types.ts';
import { startFakeGoogle } from '../../../../cloud/src/testing/fake-google.ts';
import { type TestPlugin, writePlugin } from '../../../../cloud/src/testing/plugin-rig.ts';
import { type KeyWorld, startKeyWorld } from '../../testing/key-world.ts';
import { runCli } from '../../testing/run-cli.ts';

const PATH = '/api/v1/namespaces/kube-system/secrets';
const WRAPPED = 'sealedsecrets.bitnami.com/wrapped-key';

describe('keys that a key service wraps', () => {
  let world: KeyWorld;
  let plugin: TestPlugin;
  let other: TestPlugin;
  beforeAll(async () => {
    world = await startKeyWorld();
    [plugin, other] = [await writePlugin(), await writePlugin()];
  });
  beforeEach(async () => {
    await world.reset();
    plugin.setTrouble(undefined);
  });
  afterAll(async () => {
    await world.stop();
    await Promise.all([plugin.remove(), other.remove()]);
  });

  const run = (action: string, ...argv: readonly string[]) =>
    world.keys([action, '--key-wrapper', `exec:${plugin.program}`, ...argv]);
  const dataOf = (secret: ApiObject) => Object(secret['data']) as Record<string, string>;
  const patch = (name: string, metadata: object) =>
    world.client.patch(`${PATH}/${name}`, 'merge', { metadata });

  it('are migrated both ways, and each key, label and annotation is as before', async () => {
    await patch('old-key', { labels: { [KEY_LABEL]: 'retired', team: 'a' }, annotations: { note: 'mine' } });
    const before = await world.secret('old-key');
    const { code, stderr } = await run('wrap');
    expect(code).toBe(0);
    expect(stderr).toContain(
      `note: ${world.old.fingerprint} is wrapped in old-key-wrapped, namespace kube-system`,
    );
    expect(await world.secretNames()).toEqual(['new-key-wrapped', 'old-key-wrapped']);
    const wrapped = await world.secret('old-key-wrapped');
    expect(wrapped['type']).toBe(WRAPPED);
    expect(wrapped.metadata.labels).toEqual({ [SEALING_KEY_LABEL]: 'retired', team: 'a' });
    // without it, nobody knows since when the key counts while the key service is away
    expect(wrapped.metadata.annotations?.[KEY_ANNOTATIONS.validity]).toMatch(/^20.*Z\/20.*Z$/);
    expect(Object.keys(dataOf(wrapped)).sort()).toEqual(['tls.crt', 'wrapped-key', 'wrapper']);
    expect((await run('wrap')).stderr).toContain('note: there is nothing to do in namespace kube-system');
    expect((await run('unwrap')).code).toBe(0);
    expect(await world.secretNames()).toEqual(['new-key', 'old-key']);
    const after = await world.secret('old-key');
    expect([after['type'], dataOf(after)]).toEqual([before['type'], dataOf(before)]);
    expect(after.metadata.labels).toEqual({ [KEY_LABEL]: 'retired', team: 'a' });
    expect(after.metadata.annotations).toMatchObject({
      note: 'mine',
      'sealedsecrets.bitnami.com/key-fingerprint': world.old.fingerprint,
    });
  });

  /** A key service that answers one operation with what it cannot open again. */
  async function liarAbout(operation: 'wrap' | 'rewrap'): Promise<string> {
    const program = `${plugin.program}-${operation}`;
    const lie = `*'"operation":"${operation}"'*) echo '{"version":1,"data":"AAAA"}';;`;
    const truth = `*) printf '%s' "$asked" | '${plugin.program}';;`;
    await writeFile(program, `#!/bin/sh\nasked=$(cat)\ncase "$asked" in\n${lie}\n${truth}\nesac\n`);
    await chmod(program, 0o755);
    return `exec:${program}`;
  }
  it('stay in the clear where the service returns what it cannot unwrap', async () => {
    const { code } = await world.keys(['wrap', '--key-wrapper', await liarAbout('wrap')]);
    expect(code).toBe(1);
    expect(await world.secretNames()).toEqual(expect.arrayContaining(['new-key', 'old-key']));
  });
  it('stay as they were wrapped where the service rewraps to what it cannot unwrap', async () => {
    const wrapper = ['--key-wrapper', await liarAbout('rewrap')];
    expect((await world.keys(['wrap', ...wrapper])).code).toBe(0);
    const before = dataOf(await world.secret('new-key-wrapped'));
    expect((await world.keys(['rewrap', ...wrapper])).code).toBe(1);
    expect(dataOf(await world.secret('new-key-wrapped'))).toEqual(before);
  });

  it('are not called rewrapped before the server gave back what opens: that is the only copy', async () => {
    // the service refuses the third unwrap: the one of what was read back
    const program = `${plugin.program}-third`;
    const unwrap = `*'"operation":"unwrap"'*) [ -e "$0.log" ] && echo >>"$0.log" && [ "$(wc -l <"$0.log")" = 3 ]`;
    const refuse = `&& echo '{"version":1,"error":"rejected"}' && exit;;`;
    await writeFile(
      program,
      `#!/bin/sh\nasked=$(cat)\ncase "$asked" in\n${unwrap} ${refuse}\nesac\nprintf '%s' "$asked" | '${plugin.program}'\n`,
    );
    await chmod(program, 0o755);
    await world.client.delete(`${PATH}/old-key`);
    const wrapper = ['--key-wrapper', `exec:${program}`];
    expect((await world.keys(['wrap', ...wrapper])).code).toBe(0);
    await writeFile(`${program}.log`, '');
    const { code, stderr } = await world.keys(['rewrap', ...wrapper]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^error: .*new-key-wrapped.*it refuses$/m)]);
    expect(stderr).not.toContain('is rewrapped');
  });

  it('of format v2 too', async () => {
    const data = toXWingKey(await XWingKeyPair.generate());
    const metadata = { name: 'v2-key', labels: { [SEALING_KEY_LABEL]: 'active' } };
    const type = 'sealedsecrets.bitnami.com/x-wing-key';
    await world.client.create(PATH, { apiVersion: 'v1', kind: 'Secret', metadata, type, data });
    expect((await run('wrap')).code).toBe(0);
    expect(JSON.stringify(await world.secret('v2-key-wrapped'))).not.toContain(data.seed);
    expect((await run('unwrap')).code).toBe(0);
    const after = await world.secret('v2-key');
    expect([after['type'], dataOf(after), after.metadata.labels]).toEqual([type, data, metadata.labels]);
  });

  it('are not deleted in the clear before the wrapped form was read back and opened', async () => {
    plugin.setTrouble(500);
    const { code, stderr } = await run('wrap');
    expect([code, stderr]).toEqual([1, expect.stringContaining('it cannot answer now')]);
    expect(await world.secretNames()).toEqual(['new-key', 'old-key']);
    // something else has the name of the wrapped form
    const metadata = { name: 'old-key-wrapped' };
    await world.client.create(PATH, { apiVersion: 'v1', kind: 'Secret', metadata, type: WRAPPED });
    plugin.setTrouble(undefined);
    const second = await run('wrap');
    expect(second.code).toBe(1);
    // the other key is not kept waiting
    expect(await world.secretNames()).toEqual(['new-key-wrapped', 'old-key', 'old-key-wrapped']);
  });

  it('are migrated to the end by the next run, where one was interrupted between the two halves', async () => {
    const plain = await world.secret('old-key');
    await run('wrap');
    const { resourceVersion: _version, uid: _uid, ...metadata } = plain.metadata;
    await world.client.create(PATH, { ...plain, metadata });
    expect(await world.secretNames()).toEqual(['new-key-wrapped', 'old-key', 'old-key-wrapped']);
    expect((await run('wrap')).code).toBe(0);
    expect(await world.secretNames()).toEqual(['new-key-wrapped', 'old-key-wrapped']);
  });

  it.each<[string, (owner: ApiObject) => object]>([
    ['is out of service', () => ({ labels: { [SEALING_KEY_LABEL]: 'retired' } })],
    [
      'is one that a SealedSecret may write',
      () => ({ annotations: { 'sealedsecrets.bitnami.com/managed': 'true' } }),
    ],
    [
      'goes with something else',
      ({ metadata: { name, uid } }) => ({
        ownerReferences: [{ apiVersion: 'v1', kind: 'Secret', name, uid }],
      }),
    ],
  ])('stay as they are where the other form is there and %s', async (_what, change) => {
    const plain = await world.secret('old-key');
    await run('wrap');
    const { resourceVersion: _version, uid: _uid, ...metadata } = plain.metadata;
    await world.client.create(PATH, { ...plain, metadata });
    await patch('old-key-wrapped', change(await world.secret('new-key-wrapped')));
    const { code, stderr } = await run('wrap');
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('Secret old-key-wrapped exists and cannot take'),
    ]);
    expect(await world.secretNames()).toContain('old-key');
    await patch('old-key-wrapped', { ownerReferences: null });
  });
  it('stay as they are where the other form is about to go', async () => {
    const plain = await world.secret('old-key');
    await run('wrap');
    const { resourceVersion: _version, uid: _uid, ...metadata } = plain.metadata;
    await world.client.create(PATH, { ...plain, metadata });
    await patch('old-key-wrapped', { finalizers: ['example.com/wait'] });
    await world.client.delete(`${PATH}/old-key-wrapped`);
    const { code } = await run('wrap');
    await patch('old-key-wrapped', { finalizers: null });
    expect([code, await world.secretNames()]).toEqual([1, ['new-key-wrapped', 'old-key']]);
  });

  it('stay as they are where somebody else may know them', async () => {
    await patch('old-key', { annotations: { 'sealedsecrets.bitnami.com/managed': 'true' } });
    await patch('new-key', { labels: { [KEY_LABEL]: 'refused' } });
    const { code, stderr } = await run('wrap');
    expect(code).toBe(1);
    expect(stderr).toContain('key Secret old-key: something else owns it, or a SealedSecret may write it');
    expect(await world.secretNames()).toEqual(['new-key', 'old-key']);
  });

  it('are wrapped anew by the same service or another one, with the same ciphertext', async () => {
    await run('wrap');
    const before = dataOf(await world.secret('old-key-wrapped'));
    expect((await run('rewrap')).code).toBe(0);
    const list = `exec:${other.program},exec:${plugin.program}`;
    const moved = await world.keys(['rewrap', '--key-wrapper', list, '--json']);
    const report = JSON.parse(moved.stdout);
    const names = report.keys.map(({ name, change }: Record<string, string>) => `${name} ${change}`).sort();
    expect(names).toEqual(['new-key-wrapped rewrapped', 'old-key-wrapped rewrapped']);
    const after = dataOf(await world.secret('old-key-wrapped'));
    expect(after).toEqual({ ...before, wrapper: after['wrapper'] });
    // the first service is needed no more, and knows them no more
    expect((await run('unwrap')).stderr).toContain('which is not among the configured key wrappers');
    const unwrapped = await world.keys(['unwrap', '--key-wrapper', `exec:${other.program}`]);
    expect(unwrapped.code).toBe(0);
    expect(await world.secretNames()).toEqual(['new-key', 'old-key']);
  });

  it('are wrapped anew only where an older version of the key wrapped them', async () => {
    const google = await startFakeGoogle();
    google.tokens.add('given');
    const env = {
      CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDKMS: google.url,
      GOOGLE_OAUTH_ACCESS_TOKEN: 'given',
    };
    const withGoogle = async (action: string, ...argv: readonly string[]) => {
      const list = [action, '--key-wrapper', `gcp-kms:${google.key}`, '--json', ...argv];
      const { code, stdout } = await world.keys(list, { env });
      expect(code).toBe(0);
      const { keys } = JSON.parse(stdout) as { keys: { change: string; keyVersion?: string }[] };
      return keys.map(({ change, keyVersion }) => `${change} ${keyVersion}`);
    };
    const note = async () => dataOf(await world.secret('old-key-wrapped'))['wrapper'];
    expect(await withGoogle('wrap')).toEqual(['wrapped 1', 'wrapped 1']);
    const first = await note();
    expect(await withGoogle('rewrap')).toEqual(['unchanged 1', 'unchanged 1']);
    google.rotate();
    expect(await withGoogle('rewrap', '--dry-run')).toEqual(['rewrapped 2', 'rewrapped 2']);
    expect(await note()).toBe(first);
    expect(await withGoogle('rewrap')).toEqual(['rewrapped 2', 'rewrapped 2']);
    expect(await note()).not.toBe(first);
    google.states[0] = 'DESTROYED';
    expect(await withGoogle('unwrap')).toEqual(['unwrapped undefined', 'unwrapped undefined']);
    await google.close();
  });

  it('are in a backup in the clear, which needs no key service', async () => {
    await run('wrap');
    const without = await world.keys(['backup', '--plain', '-w', 'keys.yaml']);
    expect([without.code, without.stderr]).toEqual([
      1,
      expect.stringContaining('some keys are wrapped by a key service, and the backup would lack them'),
    ]);
    const { code, files } = await run('backup', '--plain', '-w', 'keys.yaml');
    expect(code).toBe(0);
    for (const name of await world.secretNames()) await world.client.delete(`${PATH}/${name}`);
    const restored = await world.keys(['restore', 'keys.yaml'], { files });
    expect(restored.code).toBe(0);
    expect(await world.secretNames()).toEqual(['new-key', 'old-key']);
  });

  it('have the time of their backup noted on the wrapped Secrets', async () => {
    await run('wrap');
    const now = new Date('2026-05-04T03:02:01Z');
    const { code } = await world.keys(
      ['backup', '--key-wrapper', `exec:${plugin.program}`, '--to', world.recipient, '-w', 'keys.age'],
      { now },
    );
    expect(code).toBe(0);
    for (const name of ['old-key-wrapped', 'new-key-wrapped'])
      expect((await world.secret(name)).metadata.annotations).toMatchObject({
        'sealedsecrets.bitnami.com/last-backup': now.toISOString(),
      });
  });

  it('are in a backup once where a migration left both forms', async () => {
    const { metadata, type, data } = await world.secret('old-key');
    await run('wrap');
    const { name, namespace, labels } = metadata;
    const plain = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace, labels }, type, data };
    await world.client.create(PATH, plain);
    const { code, files } = await run('backup', '--plain', '-w', 'keys.yaml');
    expect([code, files['keys.yaml']?.match(/^ {2}name: .*$/gm)?.sort()]).toEqual([
      0,
      ['  name: new-key', '  name: old-key'],
    ]);
  });

  it('are not touched by a dry run', async () => {
    const { code, stderr } = await run('wrap', '--dry-run');
    expect([code, stderr]).toEqual([0, expect.stringContaining('would be wrapped in old-key-wrapped')]);
    expect(await world.secretNames()).toEqual(['new-key', 'old-key']);
  });

  it.each(['wrap', 'unwrap', 'rewrap'])('need a key service for %s', async (action) => {
    const { code, stderr } = await runCli({ argv: ['keys', action] });
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining(`error: keys ${action}: --key-wrapper is missing`),
    ]);
  });
});
