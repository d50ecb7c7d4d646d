/** The options of the demo, or what it prints instead of playing. */
export type Arguments =
  | { readonly keep: boolean; readonly cluster: boolean }
  | { readonly exitCode: 0 | 1 | 2; readonly line: string };

const FLAGS: readonly string[] = ['--keep', '--cluster', '--help'];
const USAGE =
  'usage: pnpm demo [--keep] [--cluster]  (--keep leaves it running; --cluster plays on the cluster of KUBECONFIG, in a namespace of its own)';

/**
 * Reads the command line. Exit codes as kubeseal's: 2 where it cannot be read, 1 where something is missing.
 */
export function readArguments(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Arguments {
  const unknown = argv.find((argument) => !FLAGS.includes(argument));
  if (unknown !== undefined) return { exitCode: 2, line: `error: unknown argument ${unknown}; ${USAGE}` };
  if (argv.includes('--help')) return { exitCode: 0, line: USAGE };
  const cluster = argv.includes('--cluster');
  if (cluster && !env['KUBECONFIG'])
    return { exitCode: 1, line: 'error: --cluster needs KUBECONFIG to name a kubeconfig file' };
  return { keep: argv.includes('--keep'), cluster };
}

/** Command lines that look around in a running demo, from the root of the repository. */
export function commandsFor({
  kubeconfig,
  namespace,
  sealArgs,
}: {
  readonly kubeconfig: string;
  readonly namespace: string;
  readonly sealArgs: readonly string[];
}): string {
  const seal = ['kubeseal', '--format yaml', '-n', namespace, ...sealArgs].join(' ');
  return [
    `KUBECONFIG=${kubeconfig} kubectl -n ${namespace} get sealedsecrets,secrets`,
    `KUBECONFIG=${kubeconfig} npx -y pnpm@12 exec ${seal} < examples/demo/secret.yaml`,
  ].join('\n');
}
