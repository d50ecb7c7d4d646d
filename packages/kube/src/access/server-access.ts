/** Fields of a kubeconfig under their kebab-case names. */
export type Fields = Readonly<Record<string, unknown>>;

/** One context of the merged kubeconfig with the flags applied; paths in it are absolute. */
export interface ClusterAccess {
  readonly contextName: string;
  readonly namespace: string;
  readonly cluster: Fields;
  readonly user: Fields;
  /** Where the user stands; absent outside of a kubeconfig. */
  readonly userOrigin?: UserOrigin;
}

/** The kubeconfig that a user comes from, by its absolute path, and the user's name in it. */
export interface UserOrigin {
  readonly file: string;
  readonly name: string;
}

/** TLS material for the next connection; PEM. */
export interface TlsMaterial {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  /** Name to expect in the server's certificate instead of the URL's host. */
  readonly servername?: string;
  /** False only where a kubeconfig says insecure-skip-tls-verify. */
  readonly rejectUnauthorized?: boolean;
}

/** Request headers that say who is asking. */
export type AuthorizationHeaders = Readonly<Record<string, string | string[]>>;

/** How to reach one API server, and as whom. */
export interface ServerAccess {
  /** Base URL without a trailing slash. */
  readonly server: string;
  /** Namespace of the service account or of the current context. */
  readonly namespace: string;
  /** The proxy that the kubeconfig names; without it the environment decides. */
  readonly proxyUrl?: string;
  /** TLS material as it stands now; the same object as long as nothing changed. */
  tls(): Promise<TlsMaterial>;
  /**
   * Headers that authenticate a request. `wasRefused` says that the last ones earned a 401: read them anew.
   */
  authorization(wasRefused?: boolean): Promise<AuthorizationHeaders>;
}
