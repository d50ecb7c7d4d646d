// Where an API server is and as whom to talk to it: kubeconfigs, credentials, plugins, the Pod that a program runs in.

export { providedToken } from './auth-provider.ts';
export {
  CA_AND_INSECURE,
  type Credentials,
  hasAuthorization,
  hasClientCertificate,
  readCredentials,
} from './credentials.ts';
export type { ClusterAccess, Fields } from './current-context.ts';
export { runExecPlugin } from './exec-plugin.ts';
export { loadConnection } from './find-server.ts';
export { resolveAccess, resolveNamespace } from './kubeconfig.ts';
