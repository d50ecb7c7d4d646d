/** A Kubernetes API server that a test owns; the embedded one and the real one offer the same. */
export interface TestCluster {
  readonly kind: 'embedded' | 'kube-apiserver';
  /** Base URL of the API server, without a trailing slash. */
  readonly server: string;
  /** Path of a kubeconfig file with cluster-admin rights. */
  readonly adminKubeconfig: string;
  /** Address on which programs under test must listen for the service proxy to reach them. */
  readonly podAddress: string;
  /** Writes a kubeconfig that authenticates as a service account; on both servers its rights are what RBAC objects grant. */
  kubeconfigFor(serviceAccount: ObjectKey): Promise<string>;
  /** Makes Service, Pod and Endpoints/EndpointSlice so that the service proxy reaches a program at podAddress:port. */
  exposeService(service: ObjectKey & { readonly port: number; readonly portName?: string }): Promise<void>;
  stop(): Promise<void>;
}

export interface ObjectKey {
  readonly namespace: string;
  readonly name: string;
}

/** Starts the server that FUIN_CLUSTER names: `embedded` (default) or `kube-apiserver`. */
export async function startCluster(): Promise<TestCluster> {
  if (process.env['FUIN_CLUSTER'] === 'kube-apiserver') {
    const { startKubeApiserver } = await import('../kube-apiserver/start.ts');
    return startKubeApiserver();
  }
  const { startEmbeddedCluster } = await import('./embedded-cluster.ts');
  return startEmbeddedCluster();
}
