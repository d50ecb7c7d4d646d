import { execFileSync } from 'node:child_process';
import { readFile, readlink, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateHybridIdentity, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { testKey } from '../../../../../test/support/cluster/key-secret.ts';
import { useKeyWorld } from '../../testing/key-world.ts';
import { vector } from '../../testing/keys.ts';
import { runCli } from '../../testing/run-cli.ts';

const LABEL = 'sealedsecrets.bitnami.com/sealed-secrets-key';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const OPS_KEY = 'keys/rsa2048-c.pkcs8.pem';
const OPS = { 'ops.crt': (await testKey('c', 1)).certificatePem, 'ops.key': vector(OPS_KEY) };
const HOME = '/api/v1/namespaces/kube-system/secrets';

const world = await useKeyWorld();

describe('backups of keys', () => {
  describe('kubeseal keys backup', () => {
    it('writes what only the recipient decrypts, readable for nobody else on this machine', async () => {
      const argv = ['backup', '--to', world.recipient, '-w', 'keys.age', '-i', 'id'];
      const { code, stdout, stderr, files, modes } = await world.keys(argv, {
        files: { id: world.identity },
      });
      expect({ code, stdout, mode: modes['keys.age'] }).toEqual({ code: 0, stdout: '', mode: 0o600 });
      expect(files['keys.age']).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n/);
      expect(stderr).toContain(
        'note: wrote 2 keys to keys.age, encrypted to 1 recipient; each opened a probe\n',
      );
      expect(stderr).not.toContain('not decrypted');
    });
    it('judges in a dry run what it would write, and writes and notes nothing', async () => {
      const argv = ['backup', '--to', world.recipient, '-w', 'keys.age', '-i', 'id', '--dry-run'];
      const { code, stdout, stderr, files } = await world.keys([...argv, '--json'], {
        files: { id: world.identity },
      });
      expect({ code, isWritten: 'keys.age' in files }).toEqual({ code: 0, isWritten: false });
      expect(stderr).toContain('note: would have written 2 keys to keys.age, encrypted to 1 recipient; ');
      const { dryRun, keys } = JSON.parse(stdout) as { dryRun: boolean; keys: { change: string }[] };
      expect({ dryRun, changes: keys.map(({ change }) => change) }).toEqual({
        dryRun: true,
        changes: ['saved', 'saved'],
      });
      expect(await notes()).toEqual([undefined, undefined]);
      const stranger = { id: await generateX25519Identity() };
      expect((await world.keys(argv, { files: stranger })).code).toBe(1);
      const taken = await world.keys(argv, { files: { id: world.identity, 'keys.age': 'mine' } });
      expect({ code: taken.code, file: taken.files['keys.age'] }).toEqual({ code: 1, file: 'mine' });
      const nowhere = ['backup', '--to', world.recipient, '-w', 'none/keys.age'];
      for (const flags of [['--dry-run'], []])
        expect(await world.keys([...nowhere, ...flags])).toMatchObject({
          code: 1,
          stderr: expect.stringContaining('error: open none/keys.age: no such file or directory\n'),
        });
      const plain = await world.keys(['backup', '--plain', '-w', '-', '--dry-run']);
      expect({ code: plain.code, stdout: plain.stdout }).toEqual({ code: 0, stdout: '' });
    });
    const notes = async () =>
      Promise.all(
        ['old-key', 'new-key'].map(
          async (name) =>
            (await world.secret(name)).metadata.annotations?.['sealedsecrets.bitnami.com/last-backup'],
        ),
      );
    it.each([
      ['sealed-secrets-key', []],
      ['old-prefix', ['--key-prefix', 'old-prefix']],
    ])('writes the legacy key too, which has no label: %s', async (name, argv) => {
      await world.client.delete(`${HOME}/old-key`);
      const metadata = { name, namespace: 'kube-system' };
      const legacy = { apiVersion: 'v1', kind: 'Secret', metadata, ...world.old.secret };
      await world.client.create(HOME, legacy);
      const backup = await world.keys(['backup', '--plain', '-w', '-', ...argv]);
      expect(parseAllDocuments(backup.stdout).map((each) => each.toJS().metadata.name)).toEqual([
        'new-key',
        name,
      ]);
      expect((await world.keys(['retire', world.old.fingerprint, ...argv])).code).toBe(0);
      expect((await world.secret(name)).metadata.labels).toEqual({ [LABEL]: 'retired' });
    });
    it('writes clean key Secrets: nothing of this cluster, of kubectl or of requests', async () => {
      const { uid } = (await world.client.get('/api/v1/namespaces/kube-system')).metadata;
      const owner = { apiVersion: 'v1', kind: 'Namespace', name: 'kube-system', uid };
      await world.client.patch(`${HOME}/old-key`, 'merge', {
        metadata: {
          labels: { [LABEL]: 'compromised', team: 'ops' },
          annotations: { [LAST_APPLIED]: 'x', 'sealedsecrets.bitnami.com/replace-key': 'now', note: 'kept' },
          ownerReferences: [owner],
        },
      });
      const documents = parseAllDocuments(await world.plainBackup()).map((each) => each.toJS());
      expect(documents.map(({ metadata: { name } }) => name).sort()).toEqual(['new-key', 'old-key']);
      expect(documents.find(({ metadata }) => metadata.name === 'old-key')).toEqual({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
          name: 'old-key',
          namespace: 'kube-system',
          labels: { [LABEL]: 'compromised', team: 'ops' },
          annotations: { note: 'kept' },
        },
        type: 'kubernetes.io/tls',
        data: world.old.secret.data,
      });
    });
    it('opens SealedSecrets with --recovery-unseal', async () => {
      const files = { 'keys.yaml': await world.plainBackup(), 'db.json': await world.seal('db', 'old') };
      const argv = ['--recovery-unseal', '--recovery-private-key', 'keys.yaml', '-f', 'db.json'];
      expect((await runCli({ argv, files })).stdout).toContain(btoa('hunter2'));
    });
    it('takes recipients from a file and post-quantum ones', async () => {
      const hybrid = await generateHybridIdentity();
      const files = { to: `# ops\n${await identityToRecipient(hybrid)}\n\n`, id: hybrid };
      const { code } = await world.keys(['backup', '--to', 'to', '-i', 'id', '-w', 'keys.age'], { files });
      expect(code).toBe(0);
    });
    it('writes for an RSA certificate, proves it with the private key, and openssl opens it', async () => {
      const argv = ['backup', '--to', 'ops.crt', '-w', 'keys.pem', '-i', 'ops.key'];
      const { code, stderr, files } = await world.keys(argv, { files: OPS });
      expect([code, files['keys.pem']?.split('\n')[0]]).toEqual([0, '-----BEGIN CMS-----']);
      expect(stderr).not.toContain('not decrypted');
      const verified = await runCli({ argv: ['keys', 'verify', '-i', 'ops.key', 'keys.pem'], files });
      expect([verified.code, verified.stderr.match(/opens what is sealed for it/g)?.length]).toEqual([0, 2]);
      const key = fileURLToPath(new URL(`../../../../../test/vectors/${OPS_KEY}`, import.meta.url));
      const how = ['cms', '-decrypt', '-inform', 'PEM', '-inkey', key];
      const plain = execFileSync('openssl', how, { input: files['keys.pem'] });
      expect(plain.toString()).toBe(await world.plainBackup());
    });
    it('says that a backup was not decrypted where the private half is not at hand', async () => {
      const { code, stderr } = await world.keys(['backup', '--to', 'ops.crt', '-w', 'keys.pem'], {
        files: OPS,
      });
      expect(code).toBe(0);
      expect(stderr).toContain('note: it was not decrypted; try it where the identity or the private key is');
    });
    it('writes nothing where the private key is of another certificate', async () => {
      const files = { ...OPS, 'ops.key': vector('keys/rsa2048-b.pkcs8.pem') };
      const argv = ['backup', '--to', 'ops.crt', '-w', 'keys.pem', '-i', 'ops.key'];
      const { code, stderr, files: after } = await world.keys(argv, { files });
      expect([code, after['keys.pem']]).toEqual([1, undefined]);
      expect(stderr).toMatch(/^error: the new backup cannot be decrypted\n/);
    });
    it('encrypts no key for itself: a person who lost it could not open the backup', async () => {
      const files = { 'own.crt': world.newest.certificatePem };
      const { code, stderr } = await world.keys(['backup', '--to', 'own.crt', '-w', 'keys.pem'], { files });
      expect([code, stderr.split('\n')[0]]).toEqual([
        1,
        'error: the certificate is that of the sealing key new-key, which is in the backup',
      ]);
    });
    it('notes its time on each key Secret that it holds, and no backup holds that note', async () => {
      const now = new Date('2026-05-04T03:02:01Z');
      const argv = ['backup', '--to', world.recipient, '-i', 'id', '-w'];
      const files = { id: world.identity };
      expect((await world.keys([...argv, 'a'], { files, now })).code).toBe(0);
      expect(await notes()).toEqual(['2026-05-04T03:02:01.000Z', '2026-05-04T03:02:01.000Z']);
      expect(await world.plainBackup()).not.toContain('last-backup');
    });
    it.each([
      [['--plain', '-w', 'x'], false],
      [['--to', 'id.pub', '-w', '-'], false],
      [['--to', 'id.pub', '-w', 'x', '--note=false'], false],
      [['--to', 'id.pub', '-w', '-', '--note'], true],
    ])('with %j notes its time: %j', async (argv, isNoted) => {
      await world.keys(['backup', ...argv], { files: { 'id.pub': world.recipient } });
      expect((await notes()).every((note) => note !== undefined)).toBe(isNoted);
    });
    it('is good although it may not note its time, and says so', async () => {
      const account = { namespace: 'kube-system', name: 'backup' };
      const metadata = { name: 'backup', namespace: 'kube-system' };
      const roles = '/apis/rbac.authorization.k8s.io/v1/namespaces/kube-system';
      const rules = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] }];
      const apiVersion = 'rbac.authorization.k8s.io/v1';
      await world.client.create(`${roles}/roles`, { apiVersion, kind: 'Role', metadata, rules });
      await world.client.create(`${roles}/rolebindings`, {
        ...{ apiVersion, kind: 'RoleBinding', metadata },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'backup' },
        subjects: [{ kind: 'ServiceAccount', ...account }],
      });
      const files = { kubeconfig: await readFile(await world.kubeconfigFor(account), 'utf8') };
      const { code, stderr } = await world.keys(['backup', '--to', world.recipient, '-w', 'x'], { files });
      expect(code).toBe(0);
      expect(stderr).toContain(
        'warning: the backup is good, but its time cannot be noted on the key Secrets: ',
      );
      expect(await notes()).toEqual([undefined, undefined]);
    });
    it('writes the keys that are good, names the one that is not, and fails', async () => {
      await world.client.patch(`${HOME}/old-key`, 'merge', {
        data: { 'tls.crt': world.newest.secret.data['tls.crt'] },
      });
      const { code, stderr, files } = await world.keys(['backup', '--plain', '-w', 'keys.yaml', '--json']);
      expect(code).toBe(1);
      expect(parse(files['keys.yaml'] ?? '').metadata.name).toBe('new-key');
      expect(stderr).toContain('error: key Secret old-key: tls.crt is the certificate of another key\n');
    });
    it('leaves out a key that the controller refused', async () => {
      await world.client.patch(`${HOME}/old-key`, 'merge', { metadata: { labels: { [LABEL]: 'refused' } } });
      expect(await world.plainBackup()).not.toContain('old-key');
    });
    it('prints a document about what it saved, without a key', async () => {
      const { stdout } = await world.keys(['backup', '--to', world.recipient, '-w', 'k.age', '--json']);
      expect(JSON.parse(stdout)).toEqual({
        schemaVersion: 1,
        dryRun: false,
        keys: [
          { name: 'new-key', fingerprint: world.newest.fingerprint, change: 'saved' },
          { name: 'old-key', fingerprint: world.old.fingerprint, change: 'saved' },
        ],
        errors: [],
      });
    });
    it('replaces no file and follows no link', async () => {
      const argv = ['backup', '--to', world.recipient, '-w', 'keys.age'];
      const taken = await world.keys(argv, { files: { 'keys.age': 'old' } });
      expect(taken).toMatchObject({ code: 1, files: { 'keys.age': 'old' } });
      expect(taken.stderr).toMatch(/^error: keys.age exists already\n/);
      let target = '';
      const { code, files } = await world.keys(argv, {
        prepare: async (directory) => {
          await symlink(join(directory, 'elsewhere'), join(directory, 'keys.age'));
          target = await readlink(join(directory, 'keys.age'));
        },
      });
      expect({ code, isWritten: files['elsewhere'] !== undefined }).toEqual({ code: 1, isWritten: false });
      expect(target).toContain('elsewhere');
    });
    it('writes nothing where the identity cannot decrypt it', async () => {
      const files = { id: await generateX25519Identity() };
      const argv = ['backup', '--to', world.recipient, '-i', 'id', '-w', 'keys.age'];
      const { code, stderr, files: after } = await world.keys(argv, { files });
      expect({ code, file: after['keys.age'] }).toEqual({ code: 1, file: undefined });
      expect(stderr).toMatch(/^error: the new backup cannot be decrypted\n/);
    });
    it.each([
      [[], 'it is not said where the backup goes'],
      [['-w', 'x'], 'it is not said who can decrypt the backup'],
      [['-w', 'x', '--plain', '--to', 'age1x'], '--plain and --to exclude each other'],
      [['-w', 'x', '--plain', '-i', 'y'], '--identity needs --to'],
      [['-w', '-', '--plain', '--json'], '--json needs a file for the backup'],
    ])('refuses the command line %j', async (argv, message) => {
      const { code, stderr } = await runCli({ argv: ['keys', 'backup', ...argv] });
      expect({ code, error: stderr.split('\n')[0] }).toEqual({
        code: 2,
        error: `error: keys backup: ${message}`,
      });
    });
    it('refuses recipients that are none, identities, and a mixture that is as weak as its weakest', async () => {
      const hybrid = await identityToRecipient(await generateHybridIdentity());
      const attempt = async (...to: readonly string[]) => {
        const argv = ['backup', '-w', 'x', ...to.flatMap((each) => ['--to', each])];
        const { code, stderr, files } = await world.keys(argv, {
          files: { ssh: 'ssh-ed25519 AAAA\n', none: '#\n' },
        });
        expect({ code, file: files['x'] }).toEqual({ code: 1, file: undefined });
        return stderr.split('\n')[0];
      };
      expect(await attempt('age1nonsense')).toContain('recipient 1 of --to is none');
      expect(await attempt('ssh')).toContain('recipient 1 of --to is none');
      expect(await attempt('none')).toContain('--to names no recipient');
      expect(await attempt(world.recipient, hybrid)).toContain(
        'post-quantum recipients and others cannot be mixed',
      );
      const given = await attempt(world.identity);
      expect(given).toContain('--to names an identity, which is a private key');
      expect(given).not.toContain(world.identity);
    });
  });
});
