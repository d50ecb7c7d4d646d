// Where an API server is and as which user to talk to it: kubeconfigs, credentials, plugins, the Pod.

export { CA_AND_INSECURE } from './credentials.ts';
export { findServer } from './find-server.ts';
export { type KubeconfigNames, type OpenKubeconfig, openKubeconfig } from './kubeconfig.ts';
export { openServer } from './open-server.ts';
export type { ClusterAccess, ServerAccess, TlsMaterial } from './server-access.ts';
