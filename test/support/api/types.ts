/** An object as JSON; tests look into it. */
export interface ApiObject {
  kind?: string;
  apiVersion?: string;
  metadata: {
    name?: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    generation?: number;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    finalizers?: string[];
    deletionTimestamp?: string;
    creationTimestamp?: string;
    generateName?: string;
    ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[];
    managedFields?: {
      manager: string;
      operation: string;
      fieldsV1: Record<string, unknown>;
      subresource?: string;
    }[];
  };
  [field: string]: unknown;
}

/** A list of objects. */
export interface ApiList {
  kind: string;
  apiVersion: string;
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
  items: ApiObject[];
}

/** A Kubernetes API server that a test owns; the embedded one and the real one offer the same. */
export interface TestCluster {
  readonly kind: 'embedded' | 'kube-apiserver';
  /** Base URL of the API server, without a trailing slash. */
  readonly server: string;
  /** Path of a kubeconfig file with cluster-admin rights. */
  readonly adminKubeconfig: string;
  /** Address on which programs under test must listen for the service proxy to reach them. */
  readonly podAddress: string;
  /**
   * Writes a kubeconfig that authenticates as a service account. On both servers RBAC objects grant its
   * rights.
   */
  kubeconfigFor(serviceAccount: ObjectKey): Promise<string>;
  /**
   * Creates Service, Pod and Endpoints(Slice) so that the service proxy reaches a program at podAddress:port.
   */
  exposeService(service: ObjectKey & { readonly port: number; readonly portName?: string }): Promise<void>;
  stop(): Promise<void>;
}

export interface ObjectKey {
  readonly namespace: string;
  readonly name: string;
}
