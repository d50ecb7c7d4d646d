import { formatManual, type ManualPage } from '@fuin/flags';
import { type Command, type CommandTable, usageOf } from '../invocation/command.ts';
import { ENV_PREFIX, FLAGS } from '../invocation/flags/flags.ts';

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
        'Reads Secrets in YAML or JSON, one or many documents, and prints a SealedSecret for each. Anyone may seal; only the controller of the cluster that the certificate belongs to can open. The result may be published.',
        'Without a mode flag it seals. Of several mode flags the first in this order counts: --recovery-unseal, --validate, --re-encrypt, --fetch-cert, --merge-into, --raw.',
        'A strict value (the default) opens only under the name and in the namespace it was sealed for, a namespace-wide one under any name of its namespace, a cluster-wide one anywhere in the cluster.',
        'The namespace of a Secret is its own metadata.namespace, else that of --namespace, else that of the kubeconfig context.',
        'With --validate, --re-encrypt and --recovery-unseal arguments are files. For -f, -w and --from-file a dash means stdin or stdout. At a terminal --raw asks for a value and hides it.',
        'kubeseal check reads files, without a cluster, and fails when one holds a Secret in the clear, a SealedSecret with an item that is not sealed, or a copy of a Secret in an annotation. It is meant for hooks and pipelines. Put file names that somebody else chose after --.',
        'Notes and warnings are printed on stderr if that is a terminal, or with --warnings=always; commands such as check always print theirs. --quiet suppresses both.',
        'Output is written only if everything succeeds. Files are replaced in one step and keep their mode; symbolic links are followed. --merge-into and --re-encrypt change only the sealed values of a file: comments and order stay.',
      ],
    ],
    [
      'COMMANDS',
      ['The command is the first argument. Its own flags and arguments follow. COMMAND --help explains it.'],
    ],
    ['OPTIONS', []],
    [
      'ENVIRONMENT',
      [
        'Each flag except those for logging has a variable, which its description names; the command line wins, lists append. A variable that cannot be read is reported and ignored.',
        'KUBECONFIG lists kubeconfig files; the first to name something wins. HTTPS_PROXY, HTTP_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR are used like kubectl uses them. XDG_CACHE_HOME is where certificates are cached.',
      ],
    ],
    [
      'EXIT STATUS',
      [
        '0 for success, 1 if something failed, 2 if the command line cannot be read or there is nothing to read, 3 if a check found something.',
      ],
    ],
    [
      'FILES',
      [
        '~/.kube/config is read if neither KUBECONFIG nor --kubeconfig is set. ~/.cache/kubeseal holds certificates fetched from clusters, for --offline; certificates are public.',
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
