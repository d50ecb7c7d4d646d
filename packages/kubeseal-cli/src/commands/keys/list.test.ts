import { readFile } from 'node:fs/promises';
import { importKeyPair } from '@fuin/crypto-core';
import { createCertificate } from '@fuin/crypto-core/x509';
import { describe, expect, it } from 'vitest';
import { useKeyWorld } from '../../testing/key-world.ts';
import { runCli } from '../../testing/run-cli.ts';

const world = await useKeyWorld();

describe('kubeseal keys list', () => {
  const listed = async (argv: readonly string[] = [], files: Readonly<Record<string, string>> = {}) => {
    const { stdout, stderr, code } = await world.keys(['list', '-o', 'json', ...argv], { files });
    return { code, stderr, ...JSON.parse(stdout) };
  };

  it('shows the keys of the cluster, newest first, and what needs them by status', async () => {
    await world.seal('db', 'old', world.old.fingerprint);
    await world.seal('web', 'newest', world.newest.fingerprint);
    await world.seal('app', 'newest', world.newest.fingerprint);
    await world.seal('untold', 'newest');
    const { code, stdout, stderr } = await world.keys(['list']);
    expect(code).toBe(0);
    const day = '\\d{4}-\\d\\d-\\d\\d';
    const row = (key: string, rest: string) => `${key.slice(0, 15)} +${day} +${day} +${rest}\n`;
    expect(stdout).toMatch(
      new RegExp(
        `^KEY +CREATED +EXPIRES +STATUS +CLUSTER +TREE\n${row(world.newest.fingerprint.replaceAll('+', '\\+'), 'newest +2 +-')}${row(world.old.fingerprint.replaceAll('+', '\\+'), 'active +1 +-')}$`,
      ),
    );
    expect(stderr).toContain('note: 1 SealedSecrets of the cluster do not say in their status');
  });
  it('has a document with versions, whole fingerprints and null for what is not known', async () => {
    const { schemaVersion, keys, unknown } = await listed();
    expect(schemaVersion).toBe(1);
    expect(unknown).toEqual({ cluster: 0, tree: null });
    expect(keys[1]).toEqual({
      name: 'old-key',
      fingerprint: world.old.fingerprint,
      status: 'active',
      newest: false,
      createdAt: expect.stringMatching(/Z$/),
      retiredAt: null,
      expiresAt: expect.stringMatching(/Z$/),
      subject: null,
      neededInCluster: 0,
      neededInTree: null,
    });
  });
  it('reads no private key where the controller marked the key', async () => {
    const annotations = {
      'sealedsecrets.bitnami.com/key-fingerprint': world.old.fingerprint,
      'sealedsecrets.bitnami.com/key-validity': '2026-01-01T00:00:00Z/2036-01-01T00:00:00Z',
    };
    await world.client.patch('/api/v1/namespaces/kube-system/secrets/old-key', 'merge', {
      metadata: { annotations },
      // what is not read cannot be missed
      data: { 'tls.crt': 'eA==', 'tls.key': 'eA==' },
    });
    const { keys, stderr } = await listed();
    expect(keys).toMatchObject([
      { name: 'new-key' },
      { fingerprint: world.old.fingerprint, expiresAt: '2036-01-01T00:00:00.000Z' },
    ]);
    expect(stderr).not.toContain('warning');
  });
  it('tries the keys on the files of a tree', async () => {
    const files = {
      'tree/a.yaml': await world.seal('a', 'old'),
      'tree/b/b.json': await world.seal('b', 'newest'),
      'tree/c.yaml': 'kind: Other\n',
    };
    const { keys, unknown } = await listed(['--tree', 'tree'], files);
    expect(keys.map((each: { neededInTree: number }) => each.neededInTree)).toEqual([1, 1]);
    expect(unknown.tree).toBe(0);
  });
  it('lists the keys of a backup without a cluster, with the subject of their certificates', async () => {
    const key = Buffer.from(world.old.secret.data['tls.key'] ?? '', 'base64').toString();
    const { code, stdout } = await runCli({
      argv: ['keys', 'list', '--recovery-private-key', 'k', '-o', 'wide', '--tree', 't.json'],
      files: { k: `${key}${world.old.certificatePem}`, 't.json': await world.seal('t', 'newest') },
    });
    expect(code).toBe(0);
    expect(stdout).toContain(world.old.fingerprint);
    expect(stdout).toMatch(/backup +- +0/);
  });
  it('names a key Secret that cannot be read, quotes nothing of it, and lists the others', async () => {
    await world.client.create('/api/v1/namespaces/kube-system/secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'broken', labels: { 'sealedsecrets.bitnami.com/sealed-secrets-key': 'active' } },
      data: { 'tls.crt': btoa('hunter2'), 'tls.key': btoa('hunter2') },
    });
    const { code, stderr, keys } = await listed();
    expect({ code, names: keys.map((each: { name: string }) => each.name) }).toEqual({
      code: 0,
      names: expect.arrayContaining(['broken', 'old-key', 'new-key']),
    });
    expect(stderr).toContain('warning: key Secret broken: tls.crt: ');
    expect(stderr).not.toContain('hunter2');
  });
  it('shows nothing that a terminal obeys, whatever a certificate calls itself', async () => {
    const pem = Buffer.from(world.old.secret.data['tls.key'] ?? '', 'base64').toString();
    const [notBefore, notAfter] = [new Date('2026-01-01'), new Date('2036-01-01')];
    const commonName = '\u001b[2Jhidden\nCN=other';
    const hostile = await createCertificate(await importKeyPair(pem), { commonName, notBefore, notAfter });
    const run = (output: string) =>
      runCli({
        argv: ['keys', 'list', '--recovery-private-key', 'k', '-o', output],
        files: { k: `${pem}${hostile}` },
      });
    for (const output of ['wide', 'json']) {
      const { stdout } = await run(output);
      expect(stdout).toContain('hidden');
      expect(stdout).not.toContain('\u001b');
    }
    expect((await run('wide')).stdout.trimEnd().split('\n')).toHaveLength(2);
  });
  it('says which rights are missing', async () => {
    const nobody = await readFile(await world.kubeconfigFor({ namespace: 'shop', name: 'nobody' }), 'utf8');
    const { code, stderr } = await world.keys(['list'], { files: { kubeconfig: nobody } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: the API server refused: .*forbidden/);
    expect(stderr).toContain('hint: key Secrets hold the private keys');
  });
});
