import { defineFlags } from '@fuin/flags/parsing';
import { bool, string } from './rows.ts';

/**
 * The flags that kubectl has for overriding a kubeconfig, all but --namespace, which names the place of a
 * Secret.
 */
export const KUBECTL_FLAGS = defineFlags({
  as: string('Username to impersonate for the operation'),
  'as-group': { type: 'stringArray', default: [], help: 'Group to impersonate; may be repeated' },
  'as-uid': string('UID to impersonate for the operation'),
  'certificate-authority': string('File with the certificate authority of the API server', { isFile: true }),
  'client-certificate': string('Client certificate file for TLS', { isFile: true }),
  'client-key': string('Client key file for TLS', { isFile: true }),
  cluster: string('Cluster of the kubeconfig to use'),
  context: string('Context of the kubeconfig to use'),
  'disable-compression': bool('Accepted for compatibility; responses are never compressed'),
  'insecure-skip-tls-verify': bool("Do not check the API server's certificate. This makes HTTPS insecure"),
  password: string('Password for basic authentication to the API server'),
  'proxy-url': string('Proxy for connections to the API server'),
  'request-timeout': string('How long to wait for one request, such as 1s, 2m, 3h; 0 waits without limit', {
    default: '0',
  }),
  server: string('Address and port of the Kubernetes API server'),
  'tls-server-name': string("Name to check the API server's certificate against, instead of the host's"),
  token: string('Bearer token for authentication to the API server'),
  user: string('User of the kubeconfig to use'),
  username: string('Username for basic authentication to the API server'),
});
