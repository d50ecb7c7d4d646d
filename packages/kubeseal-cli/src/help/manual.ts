import { formatManual, type ManualPage } from '@fuin/flags';
import { type Command, type CommandTable, usageOf } from '../invocation/command.ts';
import { ENV_PREFIX, FLAGS } from '../invocation/flags.ts';

const PROGRAM = 'kubeseal';

const PAGE: ManualPage = {
  program: PROGRAM,
  summary: 'seal Kubernetes Secrets so that only one cluster can open them',
  synopsis: [
    'kubeseal [flags] < secret.yaml > sealedsecret.yaml',
    'kubeseal [flags] -f secret.yaml -w sealedsecret.yaml',
    'kubeseal --raw --name NAME -n NAMESPACE [flags] < value',
  ],
  envPrefix: ENV_PREFIX,
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
    [
      'COMMANDS',
      [
        'A command is the first argument. What follows it are its own flags and arguments. COMMAND --help explains it.',
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

/** The manual page, made from the tables of commands and flags. */
export function manualText(commands: CommandTable): string {
  const rows = Object.entries(commands);
  const usages = rows.map(([name, command]) => usageOf(name, command, PROGRAM));
  const sections = PAGE.sections.map(([title, paragraphs]): ManualPage['sections'][number] =>
    title === 'COMMANDS' ? [title, [...paragraphs, ...rows.map(paragraphOf)]] : [title, paragraphs],
  );
  return formatManual({ ...PAGE, synopsis: [...PAGE.synopsis, ...usages], sections }, FLAGS);
}

function paragraphOf([name, { summary, examples }]: readonly [string, Command]): string {
  const lines = examples.map(({ what, line }) => ` ${what}: ${line}`);
  return `${PROGRAM} ${name}: ${summary}${lines.join('')}`;
}
