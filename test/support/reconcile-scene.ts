// Over 200 lines: what a reconcile depends on is wired, played and read in one place.
import {
  generateKeyPair,
  type KeyPair,
  KeyRing,
  type Recipient,
  type Scope,
  type Secret,
  sealSecret,
} from '@fuin/crypto-core';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { createMetrics } from '../../packages/controller/src/metrics.ts';
import { type ReconcileDeps, reconcile } from '../../packages/controller/src/reconcile/reconcile.ts';
import { Repairs } from '../../packages/controller/src/reconcile/repairs.ts';
import { createReporter } from '../../packages/controller/src/reconcile/reporter.ts';
import { createSecretStore } from '../../packages/controller/src/reconcile/secret/secret-store.ts';
import { FIELD_MANAGER } from '../../packages/controller/src/reconcile/secret/written.ts';
import { GaveWay } from '../../packages/controller/src/reconcile/status/failures.ts';
import { LastUnseals } from '../../packages/controller/src/reconcile/status/last-unseal.ts';
import {
  createStatusWriter,
  SEALED_SECRETS,
} from '../../packages/controller/src/reconcile/status/status-writer.ts';
import { createTemplateEngine } from '../../packages/controller/src/reconcile/templates.ts';
import { recordingEvents, recordingLog } from '../../packages/controller/src/testing/recorders.ts';
import { findServer } from '../../packages/kube/src/access/find-server.ts';
import { createApiClient } from '../../packages/kube/src/client/client.ts';
import { SECRETS } from '../../packages/kube/src/client/resources.ts';
import type { ApiClient, KubeObject, ObjectKey } from '../../packages/kube/src/client/types.ts';
import { PATCH_TYPES } from './api/api-client.ts';
import type { ApiObject } from './api/types.ts';
import { type EmbeddedCluster, startEmbeddedCluster } from './cluster/embedded-cluster.ts';
import { textsOf } from './objects.ts';
import { World } from './world.ts';

/** For tests: one reconcile at a time against an embedded API server, with what it said. */
export class Scene {
  readonly api: ApiClient;
  readonly keyPair: KeyPair;
  readonly events = recordingEvents();
  readonly log = recordingLog();
  readonly metrics = createMetrics('test');
  readonly deps: ReconcileDeps;
  readonly #world: World<EmbeddedCluster>;
  readonly #seen = new Map<string, KubeObject>();

  private constructor(world: World<EmbeddedCluster>, parts: { api: ApiClient; keyPair: KeyPair }) {
    this.#world = world;
    this.api = parts.api;
    this.keyPair = parts.keyPair;
    const now = () => new Date();
    const reporter = createReporter({ events: this.events, log: this.log, metrics: this.metrics, now });
    this.deps = {
      sealedSecrets: { get: ({ namespace, name }) => this.#seen.get(`${namespace}/${name}`) },
      secrets: createSecretStore(parts.api, undefined),
      keys: { keyRing: KeyRing.of(parts.keyPair) },
      readSealedSecret: (key) => parts.api.get(SEALED_SECRETS, key),
      statuses: createStatusWriter(parts.api, now, reporter.reportStored),
      lastUnseals: new LastUnseals(),
      repairs: new Repairs(() => performance.now()),
      reporter,
      now,
      renderTemplates: createTemplateEngine().forNamespace,
      acceptV1Data: true,
      allowsTokenSecrets: false,
      sealingKeys: { namespace: 'keys', legacyName: 'sealed-secrets-key' },
      driftPolicy: 'repair',
      deletesOrphans: false,
      maxFastRetries: 5,
    };
  }

  static async create(): Promise<Scene> {
    const cluster = await startEmbeddedCluster();
    const world = await World.on(cluster, { key: false });
    const access = await findServer({ kubeconfig: cluster.adminKubeconfig, env: {} });
    return new Scene(world, {
      api: createApiClient(access, { fieldManager: FIELD_MANAGER }),
      keyPair: await generateKeyPair(2048),
    });
  }

  async close(): Promise<void> {
    await this.api.close();
    await this.#world.close();
  }

  get cluster(): EmbeddedCluster {
    return this.#world.cluster;
  }

  namespace(): Promise<string> {
    return this.#world.namespace();
  }

  /** Seals texts, for its own key or another, as an object that may be changed before it is stored. */
  async seal(
    metadata: Secret['metadata'],
    texts: Record<string, string>,
    scope?: Scope,
    recipient: Recipient = this.keyPair,
  ): Promise<Changeable> {
    const data = Object.fromEntries(Object.entries(texts).map(([item, text]) => [item, btoa(text)]));
    const secret: Secret = { apiVersion: 'v1', kind: 'Secret', metadata, data };
    const { spec, ...sealed } = structuredClone(await sealSecret(secret, recipient, scope));
    return { ...sealed, spec: { ...spec, template: { ...spec.template } } };
  }

  /** Stores a SealedSecret, over an older one if there is one. */
  async store(object: Changeable): Promise<ObjectKey> {
    const key = { namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' };
    const current = await this.api.get(SEALED_SECRETS, key);
    if (!current) await this.api.create(SEALED_SECRETS, object);
    else {
      const metadata = { ...object.metadata, resourceVersion: current.metadata.resourceVersion ?? '' };
      await this.api.replace(SEALED_SECRETS, { ...object, metadata });
    }
    return key;
  }

  /** Reads the object anew, as the informer would, and reconciles it. Returns the error code, if any. */
  async pass(
    key: ObjectKey,
    overrides: Partial<ReconcileDeps> = {},
    retries = 0,
  ): Promise<string | undefined> {
    const object = await this.api.get(SEALED_SECRETS, key);
    const text = `${key.namespace}/${key.name}`;
    if (object) this.#seen.set(text, object);
    else this.#seen.delete(text);
    try {
      await this.#reconcile(key, { ...this.deps, ...overrides }, retries);
      return undefined;
    } catch (error) {
      // as the worker: behind others, with more time
      if (error instanceof GaveWay) return this.pass(key, overrides, retries);
      return (error as { readonly code?: string }).code ?? 'unknown';
    }
  }

  /**
   * Like the worker: templates that took longer than allowed beside others, on a busy machine, get more time.
   */
  async #reconcile(key: ObjectKey, deps: ReconcileDeps, retries: number): Promise<void> {
    try {
      await reconcile(key, deps, retries);
    } catch (error) {
      if (!(error instanceof GaveWay)) throw error;
      await reconcile(key, deps, retries);
    }
  }

  async stored(key: ObjectKey): Promise<KubeObject> {
    return (await this.api.get(SEALED_SECRETS, key)) ?? { metadata: {} };
  }

  secret(key: ObjectKey): Promise<KubeObject | undefined> {
    return this.api.get(SECRETS, key);
  }

  /** Changes the Secret as kubectl does, by a merge patch. */
  async editSecret({ namespace, name }: ObjectKey, patch: object): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/secrets/${name}?fieldManager=kubectl-edit`;
    const { code, text } = await this.#world.client.request('PATCH', path, {
      body: patch,
      contentType: PATCH_TYPES.merge,
    });
    if (code !== 200) throw new Error(text);
  }

  /** Creates a Secret as kubectl does. */
  async createByHand(secret: KubeObject): Promise<void> {
    const path = `/api/v1/namespaces/${secret.metadata.namespace}/secrets?fieldManager=kubectl-create`;
    const { code, text } = await this.#world.client.request('POST', path, { body: secret });
    if (code !== 201) throw new Error(text);
  }

  /** Data of the Secret as texts. */
  async texts(key: ObjectKey): Promise<Record<string, string> | undefined> {
    const secret = await this.secret(key);
    return secret && textsOf(secret as ApiObject);
  }

  /** Status and reason of the Synced condition. */
  async synced(key: ObjectKey): Promise<string> {
    const { conditions } = ((await this.stored(key))['status'] ?? {}) as {
      conditions?: Record<string, string>[];
    };
    const [first] = conditions ?? [];
    return first ? `${first['type']} ${first['status']} ${first['reason']}` : 'none';
  }
}

/** The scene of a file, and the namespace of the test that runs. */
export interface HeldScene {
  readonly scene: Scene;
  readonly namespace: string;
}

/**
 * One scene for the tests of a file; each has a namespace of its own, and finds no events and log lines of
 * others.
 *
 * @param hand takes both, once before all tests and before each
 */
export function useScene(hand: (held: HeldScene) => void): void {
  let scene: Scene;
  const next = async () => {
    scene.events.texts.length = 0;
    scene.log.lines.length = 0;
    hand({ scene, namespace: await scene.namespace() });
  };
  beforeAll(async () => {
    scene = await Scene.create();
    await next();
  });
  afterAll(() => scene?.close());
  beforeEach(next);
}

/** A SealedSecret that a test bends. */
export interface Changeable {
  metadata: Secret['metadata'];
  spec: { template: Record<string, unknown>; encryptedData: Record<string, unknown>; data?: unknown };
  [field: string]: unknown;
}
