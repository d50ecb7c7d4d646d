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
export interface Connection {
  /** Base URL without a trailing slash. */
  readonly server: string;
  /** Namespace of the service account or of the current context. */
  readonly namespace: string | undefined;
  readonly isInCluster: boolean;
  readonly proxyUrl?: string;
  /** TLS material as it stands now; the same object as long as nothing changed. */
  tls(): Promise<TlsMaterial>;
  /** Headers that authenticate a request. `wasRefused` says that the last ones earned a 401: read them anew. */
  authorization(wasRefused?: boolean): Promise<AuthorizationHeaders>;
}
