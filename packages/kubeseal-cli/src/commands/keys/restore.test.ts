import { generateX25519Identity } from 'age-encryption';
import { describe, expect, it } from 'vitest';
import { useKeyWorld } from '../../testing/key-world.ts';
import { runCli } from '../../testing/run-cli.ts';

const LABEL = 'sealedsecrets.bitnami.com/sealed-secrets-key';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const HOME = '/api/v1/namespaces/kube-system/secrets';

const world = await useKeyWorld();

describe('backups of keys', () => {
  const backup = async (): Promise<string> => {
    const { files } = await world.keys(['backup', '--to', world.recipient, '-w', 'keys.age']);
    return files['keys.age'] ?? '';
  };

  describe('kubeseal keys verify', () => {
    it('opens a probe with each key, and finds no key of the cluster missing', async () => {
      const files = {
        'keys.age': await backup(),
        id: `# created\n${world.identity}\n`,
        'cert.pem': world.old.certificatePem,
      };
      const argv = ['verify', '-i', 'id', '--compare-cluster', '--cert', 'cert.pem', 'keys.age'];
      const { code, stderr } = await world.keys(argv, { files });
      expect(code).toBe(0);
      expect(stderr).toContain(`note: ${world.old.fingerprint} of old-key opens what is sealed for it\n`);
    });
    it('ends with exit code 3 for a key that is missing', async () => {
      await world.client.delete(`${HOME}/old-key`);
      const file = await world.plainBackup();
      await world.reset();
      const { code, stderr } = await world.keys(['verify', '--compare-cluster', 'k'], { files: { k: file } });
      expect(code).toBe(3);
      expect(stderr).toContain(`error: k lacks the key ${world.old.fingerprint} of old-key\n`);
    });
    it.each([
      ['an empty file', '', 'cannot read the backup k: it holds no key Secret'],
      [
        'something else',
        'kind: ConfigMap\nmetadata: {name: x}\n',
        'cannot read the backup k: it holds something else than key Secrets',
      ],
      ['broken YAML', 'a: [hunter2', 'cannot read the backup k: it is neither YAML nor JSON'],
      [
        'a broken key',
        'kind: Secret\nmetadata: {name: x}\ndata: {tls.key: aHVudGVyMg==}\n',
        'key Secret x: tls.key: no RSA private key in the PEM text',
      ],
      [
        'a key Secret without its private key',
        'kind: Secret\nmetadata: {name: x}\ndata: {tls.crt: aHVudGVyMg==}\n',
        'key Secret x: tls.key: missing',
      ],
      [
        'a key Secret of format v2 without its seed',
        'kind: Secret\nmetadata: {name: x}\ntype: sealedsecrets.bitnami.com/x-wing-key\ndata: {public-key: aHVudGVyMg==}\n',
        'key Secret x: seed: missing',
      ],
      [
        'the same name twice',
        'kind: Secret\nmetadata: {name: x}\n---\nkind: Secret\nmetadata: {name: x}\n',
        'cannot read the backup k: it holds x twice',
      ],
      ['a broken file of age', '-----BEGIN AGE ENCRYPTED FILE-----\nAAAA\n', 'k cannot be decrypted'],
      [
        'a bomb of aliases',
        `a: &a [x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 9 }, (_, at) => `${'bcdefghij'[at]}: &${'bcdefghij'[at]} [${Array.from({ length: 9 }, () => `*${'abcdefghi'[at]}`).join()}]\n`).join('')}`,
        'cannot read the backup k: ',
      ],
    ])('fails for %s, and quotes nothing of it', async (_what, text, message) => {
      const files = { k: text, id: world.identity };
      const { code, stderr } = await runCli({ argv: ['keys', 'verify', '-i', 'id', 'k'], files });
      expect(code).toBe(1);
      expect(stderr.split('\n')[0]).toContain(`error: ${message}`);
      expect(stderr).not.toContain('hunter2');
    });
    it('says what is missing for an encrypted backup, and refuses identities that are none', async () => {
      const files = { k: await backup(), none: 'x\n', other: await generateX25519Identity() };
      const verify = async (...argv: readonly string[]) =>
        (await runCli({ argv: ['keys', 'verify', ...argv, 'k'], files })).stderr.split('\n')[0];
      expect(await verify()).toBe('error: k is encrypted with age');
      expect(await verify('-i', 'none')).toBe('error: none holds no identity of age');
      expect(await verify('-i', 'k')).toBe('error: k is protected with a passphrase');
      expect(await verify('-i', 'other')).toBe('error: k cannot be decrypted');
    });
    it('refuses a file that is too large to be a backup before it is read', async () => {
      const files = { k: 'x'.repeat(16 * 1024 * 1024 + 1) };
      const { stderr } = await runCli({ argv: ['keys', 'verify', 'k'], files });
      expect(stderr).toMatch(/^error: cannot read the backup k: it is over 16 MiB/);
    });
  });

  describe('kubeseal keys restore', () => {
    const restore = async (text: string, ...argv: readonly string[]) =>
      world.keys(['restore', ...argv, '-i', 'id', 'k'], { files: { k: text, id: world.identity } });

    it('creates what is missing, and nothing the second time', async () => {
      const text = await backup();
      await world.client.delete(`${HOME}/old-key`);
      const dry = await restore(text, '--dry-run');
      expect(dry.stderr).toContain(`note: ${world.old.fingerprint} of old-key: would be created`);
      expect(await world.secretNames()).toEqual(['new-key']);
      const { code, stderr } = await restore(text);
      expect(code).toBe(0);
      expect(stderr).toContain(`note: ${world.old.fingerprint} of old-key: created`);
      expect(stderr).toContain(`note: ${world.newest.fingerprint} of new-key: is there already`);
      const { metadata, ...rest } = await world.secret('old-key');
      expect(rest).toMatchObject({ type: 'kubernetes.io/tls', data: world.old.secret.data });
      expect(metadata.labels).toEqual({ [LABEL]: 'active' });
      expect(metadata.annotations ?? {}).toEqual({});
      const before = await world.secret('old-key');
      expect((await restore(text, '--json')).stdout).toContain('"change": "unchanged"');
      expect(await world.secret('old-key')).toEqual(before);
    });
    it('takes a key under another name for the same', async () => {
      const text = (await world.plainBackup()).replaceAll('name: old-key', 'name: renamed');
      expect((await restore(text)).code).toBe(0);
      expect(await world.secretNames()).toEqual(['new-key', 'old-key']);
    });
    it('never overwrites a Secret that holds another key, and restores the others', async () => {
      const text = await world.plainBackup();
      for (const name of ['old-key', 'new-key']) await world.client.delete(`${HOME}/${name}`);
      const foreign = {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'old-key' },
        data: { a: 'eA==' },
      };
      await world.client.create(HOME, foreign);
      const { code, stderr } = await restore(text);
      expect(code).toBe(1);
      expect(stderr).toContain(
        `error: a Secret old-key exists that does not hold ${world.old.fingerprint}\n`,
      );
      expect((await world.secret('old-key'))['data']).toEqual({ a: 'eA==' });
      expect(await world.secretNames()).toEqual(['new-key', 'old-key']);
    });
    it('restores nothing of a hostile backup but keys in the namespace of the controller', async () => {
      const text = JSON.stringify({
        kind: 'Secret',
        metadata: {
          name: 'old-key',
          namespace: 'shop',
          labels: { [LABEL]: 'active' },
          annotations: { 'sealedsecrets.bitnami.com/managed': 'true', [LAST_APPLIED]: 'x' },
          ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }], // is not restored
          finalizers: ['x/y'],
        },
        type: 'bootstrap.kubernetes.io/token',
        data: { ...world.old.secret.data, token: 'eA==' },
      });
      await world.client.delete(`${HOME}/old-key`);
      expect((await restore(text)).code).toBe(0);
      const { metadata, type, data } = await world.secret('old-key');
      expect({ type, data }).toEqual({ type: 'kubernetes.io/tls', data: world.old.secret.data });
      const { annotations = {}, ownerReferences = [], finalizers = [] } = metadata;
      expect({ annotations, ownerReferences, finalizers }).toEqual({
        annotations: {},
        ownerReferences: [],
        finalizers: [],
      });
    });
    it('warns where a key of the backup replaces the one that people seal with', async () => {
      const text = await backup();
      await world.client.delete(`${HOME}/new-key`);
      for (const argv of [['--dry-run'], []]) {
        const { code, stderr } = await restore(text, ...argv);
        expect(code).toBe(0);
        expect(stderr).toContain(`warning: ${world.newest.fingerprint} of the backup is newer than the key`);
      }
      await world.client.delete(`${HOME}/old-key`);
      expect((await restore(text)).stderr).not.toContain('warning');
      for (const name of ['old-key', 'new-key']) await world.client.delete(`${HOME}/${name}`);
      expect((await restore(text)).stderr).not.toContain('warning');
    });
    it('restores no mark that says something else than the key', async () => {
      const prefix = 'sealedsecrets.bitnami.com/key-';
      const marked = (fingerprint: string) =>
        JSON.stringify({
          kind: 'Secret',
          metadata: {
            name: 'old-key',
            annotations: {
              [`${prefix}fingerprint`]: fingerprint,
              [`${prefix}validity`]: '2099-01-01T00:00:00Z/2099-02-01T00:00:00Z',
            },
          },
          data: world.old.secret.data,
        });
      for (const fingerprint of [world.newest.fingerprint, world.old.fingerprint]) {
        await world.client.delete(`${HOME}/old-key`);
        expect((await restore(marked(fingerprint))).code).toBe(0);
        expect((await world.secret('old-key')).metadata.annotations ?? {}).toEqual({});
      }
    });
    it('refuses a name that is a path', async () => {
      const text = (await world.plainBackup()).replaceAll('name: old-key', 'name: ../../x');
      await world.client.delete(`${HOME}/old-key`);
      expect((await restore(text)).code).toBe(1);
      expect(await world.secretNames()).toEqual(['new-key']);
    });
  });
});
