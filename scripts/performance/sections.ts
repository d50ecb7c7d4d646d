/** A part of the page: some benchmarks, and a picture of what they compare with upstream. */
export interface Section {
  readonly heading: string;
  /** Part of the name of its chart. */
  readonly name: string;
  /** What its figures are of. */
  readonly text: string;
  /** Names of the benchmarks whose rows it shows, in this order. */
  readonly benchmarks: readonly string[];
}

/** All of the page. Each benchmark belongs to one section. */
export const SECTIONS: readonly Section[] = [
  {
    heading: 'The controller',
    name: 'controller',
    text: 'Both controllers run on one kube-apiserver, with the same keys and the same SealedSecrets.',
    benchmarks: ['reconcile', 'create-v2', 'keys', 'wrapped-keys', 'throughput'],
  },
  {
    heading: 'Many SealedSecrets, and memory',
    name: 'scale',
    text: 'Memory is the resident set of the process, which includes pages of its executable.',
    benchmarks: ['scale', 'restart'],
  },
  {
    heading: 'kubeseal',
    name: 'kubeseal',
    text: 'Each figure is of a whole process, from its start to its exit.',
    benchmarks: ['kubeseal', 're-encrypt', 'lint'],
  },
  {
    heading: 'Opening values',
    name: 'values',
    text: 'These figures are of the code that opens values, without API server and network.',
    benchmarks: ['unseal', 'open-v2'],
  },
];
