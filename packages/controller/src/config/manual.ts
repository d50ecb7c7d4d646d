import { formatManual, type ManualPage } from '@fuin/flags';
import { FLAGS } from './flags.ts';

const PAGE: ManualPage = {
  program: 'sealed-secrets-controller',
  chapter: 8,
  summary: 'open SealedSecrets inside a Kubernetes cluster',
  synopsis: ['sealed-secrets-controller [flags]'],
  envPrefix: 'SEALED_SECRETS',
  sections: [
    [
      'DESCRIPTION',
      [
        'Watches SealedSecrets, creates a Secret from each and keeps it in sync. The controller creates the sealing keys, stores them as Secrets in its own namespace, renews them and serves the certificate that kubeseal(1) seals with.',
        'It runs in a Pod, with the rights of its service account. Its own namespace comes from POD_NAMESPACE, or else from the service account. Several replicas may run: all serve HTTP, and the holder of a Lease reconciles and renews keys.',
      ],
    ],
    ['OPTIONS', []],
    [
      'HTTP',
      [
        'On --listen-addr: /healthz, /readyz, /v1/cert.pem, /v2/recipients, /v1/verify and /v1/rotate. On --listen-metrics-addr: /metrics.',
      ],
    ],
    [
      'ENVIRONMENT',
      [
        'Each flag has a variable, named with its description; the command line wins. KUBECONFIG names kubeconfig files, outside a cluster. HTTPS_PROXY, HTTP_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR count as for kubectl.',
      ],
    ],
    [
      'SIGNALS',
      ['SIGTERM and SIGINT stop it once the work in progress is done. SIGUSR1 creates a new sealing key.'],
    ],
    [
      'EXIT STATUS',
      ['0 when stopped by a signal, 1 when it cannot run, 2 when the command line cannot be read.'],
    ],
    ['SEE ALSO', ['kubeseal(1), kubectl(1)']],
  ],
};

/**
 * The manual page sealed-secrets-controller(8) in roff. Not part of the program: its image has no reader for
 * it.
 */
export function controllerManual(): string {
  return formatManual(PAGE, FLAGS);
}
