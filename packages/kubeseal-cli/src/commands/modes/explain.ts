import { SealedSecretsError } from '@fuin/crypto-core';
import type { Mode } from '../../invocation/mode.ts';

/** What to do about an error whose message comes from upstream, the API server or a library. */
interface Explanation {
  readonly when: RegExp;
  readonly hint: string;
  /** The modes in which it applies; all of them if undefined. */
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
    hint: 'no credentials were sent: the user of the kubeconfig context has none that kubeseal supports; log in again, or give --token',
  },
  {
    when: /exec plugin: invalid apiVersion "client\.authentication\.k8s\.io\/v1alpha1"/,
    hint: 'v1alpha1 is no longer supported: write the kubeconfig again with a newer tool (aws eks update-kubeconfig, kubelogin convert-kubeconfig), which uses v1',
  },
  {
    when: /any valid RSA or ECDSA certificates/,
    hint: 'kubeseal can seal with RSA certificates only',
  },
  {
    when: /: block as implicit key$/,
    hint: 'a value that contains a colon and a space, or a list after a key, needs quotes or its own line',
  },
  {
    when: /: bad indent$/,
    hint: 'a brace, bracket or quote before it is not closed, or a line is indented by mistake',
  },
  {
    when: /: missing char$/,
    hint: 'a quote, bracket or comma is missing, or there is text after a closing quote',
  },
  { when: /: (?:tab as indent|bad collection type)$/, hint: 'indent YAML with spaces, not with tabs' },
];

/** Adds the hints that fit to an error. */
export function explainFailure(error: unknown, mode: Mode): unknown {
  if (!(error instanceof SealedSecretsError)) return error;
  const hints = EXPLANATIONS.filter(
    ({ when, modes }) => when.test(error.message) && (modes === undefined || modes.includes(mode)),
  ).map(({ hint }) => hint);
  if (hints.length === 0) return error;
  return error.withHint([...(error.hint === undefined ? [] : [error.hint]), ...hints].join('\n'));
}
