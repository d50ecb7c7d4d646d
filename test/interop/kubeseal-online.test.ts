import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peerProblem } from '../support/tools/peer.ts';
import type { ToolResult } from '../support/tools/run-tool.ts';
import { type Both, startBoth } from './both.ts';
import { outputOf } from './programs.ts';

const problem = peerProblem();
const WHO = ['ours', 'upstream'] as const;
type Who = (typeof WHO)[number];

/** One command line that both kubeseals get for one controller. */
interface Row {
  readonly title: string;
  readonly argv: readonly string[];
  /** From the two documents that both controllers can open: JSON, YAML and one that was moved. */
  readonly stdin: (sealed: Sealed) => string;
  /** Where the answers differ on purpose, and why. */
  readonly differs?: { readonly in: readonly ('code' | 'stderr' | 'stdout')[]; readonly reason: string };
}

interface Sealed {
  readonly json: string;
  readonly yaml: string;
  readonly moved: string;
}

const wrapped = {
  in: ['stderr'],
  reason: "the status line of the answer instead of client-go's guess at it",
} as const;

const ROWS: readonly Row[] = [
  { title: 'validates JSON', argv: ['--validate'], stdin: ({ json }) => json },
  { title: 'validates YAML', argv: ['--validate'], stdin: ({ yaml }) => yaml },
  { title: 'validates a stream', argv: ['--validate'], stdin: ({ yaml }) => `${yaml}${yaml}` },
  { title: 'finds what cannot be opened', argv: ['--validate'], stdin: ({ moved }) => moved },
  {
    title: 'finds what cannot be opened behind what can',
    argv: ['--validate'],
    stdin: ({ yaml, moved }) => `${yaml}${moved}`,
  },
  {
    title: 'validates no Secret',
    argv: ['--validate'],
    stdin: () => '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a","namespace":"b"}}',
    differs: { in: ['stderr'], reason: 'the kind is checked before anything is sent' },
  },
  {
    title: 'misses a controller',
    argv: ['--validate', '--controller-name', 'nobody'],
    stdin: ({ json }) => json,
  },
  {
    title: 'misses a controller when it fetches',
    argv: ['--fetch-cert', '--controller-name', 'nobody'],
    stdin: () => '',
  },
  { title: 're-encrypts JSON', argv: ['--re-encrypt'], stdin: ({ json }) => json },
  { title: 're-encrypts YAML', argv: ['--re-encrypt', '-oyaml'], stdin: ({ yaml }) => yaml },
  {
    title: 're-encrypts by the old name',
    argv: ['--rotate', '-oyaml'],
    stdin: ({ yaml }) => yaml,
    differs: { in: ['stdout'], reason: 'the notice is a warning, for terminals: stdout carries data only' },
  },
  {
    title: 're-encrypts nothing that cannot be opened',
    argv: ['--re-encrypt'],
    stdin: ({ moved }) => moved,
    differs: wrapped,
  },
  {
    title: 're-encrypts no empty input',
    argv: ['--re-encrypt'],
    stdin: () => '',
    differs: { in: ['code', 'stderr'], reason: 'empty input is an error' },
  },
];

describe.skipIf(problem !== undefined).each(WHO)(
  `both kubeseals with the controller of %s (${problem ?? 'both run'})`,
  (controller) => {
    let both: Both;
    let sealed: Sealed;
    beforeAll(async () => {
      both = await startBoth();
      const stdin = JSON.stringify({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'db', namespace: 'any', labels: { app: 'shop' } },
        stringData: { password: 's3cret' },
      });
      const cert = await both.file('old.crt', both.oldCertificate);
      const seal = (format: string) => outputOf(both.run.upstream(['--cert', cert, '-o', format], { stdin }));
      const yaml = await seal('yaml');
      sealed = {
        json: await seal('json'),
        yaml,
        moved: yaml.replaceAll('namespace: any', 'namespace: other'),
      };
    });
    afterAll(() => both?.end());

    it.each(ROWS)('$title', async ({ argv, stdin, differs }) => {
      const [ours, upstreams] = await Promise.all(
        WHO.map(async (kubeseal) => comparable(await both.online(kubeseal, controller, argv, stdin(sealed)))),
      );
      const aspects = ['code', 'stdout', 'stderr'] as const;
      const differing = aspects.filter((aspect) => ours?.[aspect] !== upstreams?.[aspect]);
      expect({ differing, ours, upstreams }).toEqual({ differing: differs?.in ?? [], ours, upstreams });
    });

    it('re-encrypt a file to the same', async () => {
      const results = await Promise.all(
        WHO.map(async (kubeseal: Who) => {
          const file = await both.file(`in-place-${kubeseal}.yaml`, sealed.yaml);
          await outputOf(both.online(kubeseal, controller, ['--re-encrypt', '-f', file]));
          return withoutValues(await readFile(file, 'utf8'));
        }),
      );
      expect(results[0]).toBe(results[1]);
    });
  },
);

function comparable({ code, stdout, stderr }: ToolResult): ToolResult {
  return { code, stdout: withoutValues(stdout), stderr: stderr.split('\n', 1)[0] ?? '' };
}

/** v0.27.1 prints the time that is not there; newer ones do not. */
function withoutValues(text: string): string {
  return text
    .replaceAll(/A[gQ][\w+/]{300,}=*/g, '<sealed>')
    .replaceAll(/,?\n *"creationTimestamp": null(,?)/g, '$1')
    .replaceAll(/^ *creationTimestamp: null\n/gm, '');
}
