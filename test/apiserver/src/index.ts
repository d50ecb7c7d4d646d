import { adminUser, serviceAccountUser, TokenTable } from './access/auth.ts';
import { bootstrapObjects } from './access/bootstrap.ts';
import { createServerCertificate } from './access/certificate.ts';
import { kubeconfigText } from './access/kubeconfig.ts';
import { RbacAuthorizer } from './access/rbac.ts';
import { Faults } from './faults/faults.ts';
import { RequestLog } from './faults/request-log.ts';
import { createHandler } from './handlers/handler.ts';
import { Listener } from './handlers/listener.ts';
import { WatchHub } from './handlers/watch.ts';
import { KindTable } from './kinds/kind-table.ts';
import { clone } from './objects/json.ts';
import { GarbageCollector, removeInstances } from './storage/gc.ts';
import { Registry } from './storage/registry.ts';
import { Store } from './storage/storage.ts';

export type {
  AppliedWrite,
  RequestFault,
  RequestMatch,
  WatchEventFault,
  WatchEventMatch,
} from './faults/faults.ts';

/** Settings of an embedded API server. */
export interface ApiServerOptions {
  /** IPv4 address to listen on; 127.0.0.1 by default. */
  readonly address?: string;
  /** Port to listen on; a free one by default. */
  readonly port?: number;
  /** How often watches with bookmarks get one; 60 s by default, as on the real server. */
  readonly bookmarkIntervalMs?: number;
}

/** A running embedded API server. */
export interface ApiServer {
  readonly url: string;
  /** PEM of the certificate that clients must trust. */
  readonly certificate: string;
  readonly faults: Faults;
  readonly log: RequestLog;
  /** Kubeconfig text of a cluster administrator. */
  adminKubeconfig(): string;
  /** Kubeconfig text of a service account; what it may do is up to RBAC objects. */
  kubeconfigOf(namespace: string, name: string): string;
  /** A new token of a service account; those it had before are refused from now on. */
  rotateToken(namespace: string, name: string): string;
  /** Expires every resource version before now. */
  compact(): void;
  /** Ends every open watch as at its timeout. */
  closeWatches(): void;
  /** Resets every open connection. */
  resetConnections(): void;
  /** Number of open watches. */
  openWatches(): number;
  /** Stops listening; objects, tokens and port are kept for `resume`. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Pauses for a time, then listens on the same port again. */
  restart(downMs?: number): Promise<void>;
  /** Stops or resumes garbage collection. */
  setGarbageCollection(isOn: boolean): void;
  stop(): Promise<void>;
}

const BOOTSTRAP_OPTIONS = {
  fieldManager: 'kube-apiserver',
  isDryRun: false,
  fieldValidation: 'Ignore',
  subresource: '',
  warnings: [],
} as const;

function bootstrap(registry: Registry, kinds: KindTable): void {
  for (const object of bootstrapObjects) {
    const kind = kinds.byKind(object.apiVersion, object.kind);
    if (kind) registry.create(kind, '', clone(object), { ...BOOTSTRAP_OPTIONS, warnings: [] });
  }
}

function followCrds(registry: Registry, kinds: KindTable): void {
  registry.store
    .collection('apiextensions.k8s.io/customresourcedefinitions')
    .subscribe(({ type, current }) => {
      if (type !== 'DELETED') kinds.setCrd(current.object);
      else {
        removeInstances(registry, current.object);
        kinds.removeCrd(current.object.metadata.name);
      }
    });
}

/** Starts an empty cluster with the default namespaces and roles. */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const address = options.address ?? '127.0.0.1';
  const store = new Store();
  const kinds = new KindTable();
  const registry = new Registry(store);
  followCrds(registry, kinds);
  const authorizer = new RbacAuthorizer(store);
  const tokens = new TokenTable();
  const faults = new Faults(() => store.revision);
  const log = new RequestLog();
  const watches = new WatchHub({ store, faults, bookmarkIntervalMs: options.bookmarkIntervalMs ?? 60_000 });
  const collector = new GarbageCollector(registry, kinds);
  const certificate = createServerCertificate([...new Set(['127.0.0.1', address])]);
  const serverAddress = () => `${address}:${listener.port}`;
  const handler = createHandler({ registry, kinds, authorizer, tokens, faults, log, watches, serverAddress });
  const listener: Listener = new Listener(address, certificate, handler);
  listener.port = options.port ?? 0;
  bootstrap(registry, kinds);
  await listener.start();
  const adminToken = tokens.issue(adminUser);
  const text = (token: string) => kubeconfigText(listener.url, certificate.certificate, token);
  return {
    url: listener.url,
    certificate: certificate.certificate,
    faults,
    log,
    adminKubeconfig: () => text(adminToken),
    kubeconfigOf: (namespace, name) => text(tokens.issue(serviceAccountUser(namespace, name))),
    rotateToken: (namespace, name) => {
      const user = serviceAccountUser(namespace, name);
      tokens.revoke(user.name);
      return tokens.issue(user);
    },
    compact: () => store.compact(),
    closeWatches: () => watches.closeAll(),
    resetConnections: () => listener.resetConnections(),
    openWatches: () => watches.size,
    pause: () => listener.stop(),
    resume: () => listener.start(),
    restart: async (downMs = 0) => {
      await listener.stop();
      await new Promise((resolve) => setTimeout(resolve, downMs));
      await listener.start();
    },
    setGarbageCollection: (isOn) => collector.setPaused(!isOn),
    stop: async () => {
      collector.stop();
      watches.closeAll();
      await listener.stop();
    },
  };
}
