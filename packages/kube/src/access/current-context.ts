/** Where and as whom to talk to a cluster: one context of the merged kubeconfig with the flags applied. */
export interface ClusterAccess {
  readonly contextName: string;
  readonly namespace: string;
  readonly cluster: Fields;
  readonly user: Fields;
}

/** Fields of a kubeconfig under their kebab-case names. */
export type Fields = Readonly<Record<string, unknown>>;
