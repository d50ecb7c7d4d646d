import { SealedSecretsError } from '@fuin/crypto-core';
import type { Mode } from '../../invocation/mode.ts';

/** What to do about an error whose text is somebody else's: upstream's, the API server's, a library's. */
interface Explanation {
  readonly when: RegExp;
  readonly hint: string;
  /** Only in these modes; in all without. */
  readonly modes?: readonly Mode[];
}

const NO_KUBECONFIG = /^invalid configuration: no configuration has been provided/;

const EXPLANATIONS: readonly Explanation[] = [
  {
    when: NO_KUBECONFIG,
    modes: ['seal', 'merge-into', 'raw'],
    hint: 'with --cert FILE and -n NAMESPACE no cluster is needed',
  },
  {
    when: NO_KUBECONFIG,
    modes: ['re-encrypt'],
    hint: 'with --recovery-private-key FILE and --cert FILE no cluster is needed',
  },
  {
    when: /"?system:anonymous"?/,
    hint: 'no credentials were sent: the user of the kubeconfig context has none that this program knows; log in again, or give --token',
  },
  {
    when: /exec plugin: invalid apiVersion "client\.authentication\.k8s\.io\/v1alpha1"/,
    hint: 'v1alpha1 is gone: write the kubeconfig anew with a newer tool (aws eks update-kubeconfig, kubelogin convert-kubeconfig), which says v1',
  },
  {
    when: /any valid RSA or ECDSA certificates/,
    hint: 'only RSA certificates can be sealed with',
  },
  {
    when: /: block as implicit key$/,
    hint: 'a value with a colon and a blank in it, or a list behind a key, needs quotes or a line of its own',
  },
  {
    when: /: bad indent$/,
    hint: 'a brace, bracket or quote before it is not closed, or a line is indented by mistake',
  },
  {
    when: /: missing char$/,
    hint: 'a quote, bracket or comma is missing, or something stands behind a closing quote',
  },
  { when: /: (?:tab as indent|bad collection type)$/, hint: 'YAML is indented with blanks, never with tabs' },
];

/** Adds what helps to an error, as hints of their own. */
export function explainFailure(error: unknown, mode: Mode): unknown {
  if (!(error instanceof SealedSecretsError)) return error;
  const hints = EXPLANATIONS.filter(
    ({ when, modes }) => when.test(error.message) && (modes === undefined || modes.includes(mode)),
  ).map(({ hint }) => hint);
  if (hints.length === 0) return error;
  return error.withHint([...(error.hint === undefined ? [] : [error.hint]), ...hints].join('\n'));
}
