import { importKeyPair } from '@fuin/crypto-core';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterAll, beforeEach } from 'vitest';
import { type ApiClient, apiClient } from '../../../../test/support/api/api-client.ts';
import { ensureNamespace } from '../../../../test/support/api/apply.ts';
import type { ApiObject } from '../../../../test/support/api/types.ts';
import { storeKey, type TestKey, testKey } from '../../../../test/support/cluster/key-secret.ts';
import { applySealedSecretCrd } from '../../../../test/support/cluster/sealed-secret-crd.ts';
import { sealTexts } from '../../../../test/support/cluster/sealing.ts';
import { startClusterWorld } from './cluster-world.ts';
import { vector } from './keys.ts';
import type { CliResult, CliRun } from './run-cli.ts';
import type { FakeController } from './servers/fake-controller.ts';

const HOME = 'kube-system';
const SECRETS = `/api/v1/namespaces/${HOME}/secrets`;
const SEALED = '/apis/bitnami.com/v1alpha1/namespaces/shop/sealedsecrets';

interface WorldKey extends TestKey {
  readonly fingerprint: string;
}

/** A cluster with two sealing keys: `old-key`, 100 days old, and `new-key`. */
export interface KeyWorld {
  readonly client: ApiClient;
  readonly controller: FakeController;
  readonly old: WorldKey;
  readonly newest: WorldKey;
  /** Of age. */
  readonly identity: string;
  readonly recipient: string;
  /** Runs `kubeseal keys ...` with the administrator's kubeconfig. */
  keys(argv: readonly string[], more?: Partial<CliRun>): Promise<CliResult>;
  /** A kubeconfig file of a service account without rights. */
  kubeconfigFor(account: { namespace: string; name: string }): Promise<string>;
  /** A backup of the keys in the clear. */
  plainBackup(): Promise<string>;
  secret(name: string): Promise<ApiObject>;
  secretNames(): Promise<string[]>;
  /** Puts SealedSecret shop/NAME into the cluster, sealed for a key, with the status of our controller. */
  seal(name: string, key: 'old' | 'newest', fingerprintInStatus?: string): Promise<string>;
  /** Back to two keys and nothing else. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

/** One for the tests of a file, as it was at the start before each of them. */
export async function useKeyWorld(): Promise<KeyWorld> {
  const world = await startKeyWorld();
  beforeEach(() => world.reset());
  afterAll(() => world.stop());
  return world;
}

/** Starts one, with an embedded API server. */
export async function startKeyWorld(): Promise<KeyWorld> {
  const world = await startClusterWorld();
  const client = await apiClient(world.cluster.adminKubeconfig);
  await ensureNamespace(client, 'shop');
  await applySealedSecretCrd(client);
  const [old, newest] = await Promise.all([worldKey('a', 100), worldKey('b', 1)]);
  const pairs = { old, newest };
  const identity = await generateX25519Identity();
  const list = async (path: string) => (await client.list(path)).items;
  const serve = () => {
    world.reset();
    world.controller.override = async () => ({ status: 200, body: newest.certificatePem });
  };
  const keys: KeyWorld['keys'] = ([action = '', ...argv], more) => {
    const files = { kubeconfig: world.kubeconfig, ...more?.files };
    return world.run([], { ...more, files, argv: ['keys', action, '--kubeconfig', 'kubeconfig', ...argv] });
  };
  return {
    client,
    controller: world.controller,
    old,
    newest,
    identity,
    recipient: await identityToRecipient(identity),
    keys,
    plainBackup: async () => (await keys(['backup', '--plain', '-w', 'keys.yaml'])).files['keys.yaml'] ?? '',
    kubeconfigFor: (account) => world.cluster.kubeconfigFor(account),
    secret: (name) => client.get(`${SECRETS}/${name}`),
    secretNames: async () => (await list(SECRETS)).map(({ metadata }) => String(metadata.name)).sort(),
    seal: async (name, key, fingerprint) => {
      const metadata = { name, namespace: 'shop' };
      const sealed = await sealTexts(pairs[key].certificatePem, metadata, { a: 'hunter2' });
      const created = await client.create(SEALED, sealed);
      const status = { lastUnseal: { generation: created.metadata.generation, keys: { a: fingerprint } } };
      if (fingerprint !== undefined)
        await client.request('PUT', `${SEALED}/${name}/status`, { body: { ...created, status } });
      return JSON.stringify(sealed);
    },
    reset: async () => {
      serve();
      for (const { metadata } of await list(SECRETS)) await client.delete(`${SECRETS}/${metadata.name}`);
      for (const { metadata } of await list(SEALED)) await client.delete(`${SEALED}/${metadata.name}`);
      await storeKey(client, HOME, { key: old, name: 'old-key' });
      await storeKey(client, HOME, { key: newest, name: 'new-key' });
    },
    stop: async () => {
      client.close();
      await world.stop();
    },
  };
}

async function worldKey(letter: 'a' | 'b', days: number): Promise<WorldKey> {
  const { id: fingerprint } = await importKeyPair(vector(`keys/rsa2048-${letter}.pkcs8.pem`));
  return { ...(await testKey(letter, days)), fingerprint };
}
