import { formatCompletion, formatManual, type ManualPage, SHELLS } from '@fuin/flags';
import { FLAGS } from '../invocation/flags.ts';
import { usageError } from '../invocation/usage-error.ts';

const PAGE: ManualPage = {
  program: 'kubeseal',
  summary: 'seal Kubernetes Secrets so that only one cluster can open them',
  synopsis: [
    'kubeseal [flags] < secret.yaml > sealedsecret.yaml',
    'kubeseal [flags] -f secret.yaml -w sealedsecret.yaml',
    'kubeseal --raw --name NAME -n NAMESPACE [flags] < value',
    'kubeseal check [--quiet] -- FILE...',
    'kubeseal completion bash|zsh|fish|powershell',
    'kubeseal help [COMMAND]',
    'kubeseal manual',
  ],
  envPrefix: 'SEALED_SECRETS',
  sections: [
    [
      'DESCRIPTION',
      [
        'Reads Secrets in YAML or JSON, one or many documents, and prints a SealedSecret for each. Anyone may seal; only the controller of the cluster that the certificate belongs to can open. The result may be kept in public.',
        'Without a mode flag it seals. Of several mode flags the first in this order counts: --recovery-unseal, --validate, --re-encrypt, --fetch-cert, --merge-into, --raw.',
        'A strict value (the default) opens only under the name and in the namespace it was sealed for, a namespace-wide one under any name of its namespace, a cluster-wide one anywhere in the cluster.',
        'The namespace of a Secret is its own metadata.namespace, else that of --namespace, else that of the kubeconfig context.',
        'With --validate, --re-encrypt and --recovery-unseal arguments are files. For -f, -w and --from-file a dash means stdin or stdout. At a terminal --raw asks for a value and does not show it.',
        'kubeseal check reads files, without a cluster, and fails when one holds a Secret in the clear, a SealedSecret with an item that is not sealed, or a copy of a Secret in an annotation. It is meant for hooks and pipelines. Names that somebody else chose go behind --.',
        'Notes and warnings go to stderr where that is a terminal, or with --warnings=always; commands such as check always print theirs. --quiet silences both.',
        'Output is written only when everything succeeded. Files are replaced in one step, keep their mode, and are followed through symbolic links. --merge-into and --re-encrypt change only the sealed values of a file: comments and order stay.',
      ],
    ],
    ['OPTIONS', []],
    [
      'ENVIRONMENT',
      [
        'Each flag but those of logging has a variable, named with its description; the command line wins, lists append. A variable that cannot be read is reported and ignored.',
        'KUBECONFIG lists kubeconfig files; the first to name something wins. HTTPS_PROXY, HTTP_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR count as for kubectl. XDG_CACHE_HOME is where certificates are cached.',
      ],
    ],
    [
      'EXIT STATUS',
      [
        '0 when done, 1 when something failed, 2 when the command line cannot be read, that of a command included, or nothing was given to read.',
      ],
    ],
    [
      'FILES',
      [
        '~/.kube/config is read without KUBECONFIG and --kubeconfig. ~/.cache/kubeseal holds certificates fetched from clusters, for --offline; certificates are public.',
      ],
    ],
    [
      'EXAMPLES',
      [
        'kubectl create secret generic db --dry-run=client --from-file=password --output yaml | kubeseal -o yaml > db.yaml',
        'kubeseal --fetch-cert > cert.pem, then without the cluster: kubeseal --cert cert.pem -f secret.yaml -w sealed.yaml',
        'kubeseal --re-encrypt -f sealed.yaml seals a file again with the newest key.',
      ],
    ],
  ],
};

/** The manual page, made from the flag table. */
export function manualText(): string {
  return formatManual(PAGE, FLAGS);
}

/** The completion script for a shell. @throws ERR_USAGE for a shell that has none */
export function completionText(shell: string): string {
  const known = SHELLS.find((name) => name === shell);
  if (known) return formatCompletion(known, 'kubeseal', FLAGS);
  throw usageError(`there is no completion for ${shell}`, `the shells are ${SHELLS.join(', ')}`);
}
