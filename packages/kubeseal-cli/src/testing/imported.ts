import { expect } from 'vitest';
import { CERT, KEY } from './keys.ts';
import { type CliRun, runCli } from './run-cli.ts';

/** A Secret that import made, opened with the private key. */
export interface Imported {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly type: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Values as Latin-1, so that every byte shows. */
  readonly items: Readonly<Record<string, string>>;
  readonly stderr: string;
  readonly sealed: string;
}

/** Runs `kubeseal import ... -w out.yaml` with a certificate. */
export function runImport(argv: readonly string[], more: Partial<CliRun> = {}) {
  const line = ['import', '--cert', 'c', '-w', 'out.yaml', ...argv];
  return runCli({ ...more, argv: line, files: { c: CERT, ...more.files } });
}

/** What was imported; the run must succeed. */
export async function imported(argv: readonly string[], more: Partial<CliRun> = {}): Promise<Imported> {
  const { code, stdout, stderr, files } = await runImport(argv, more);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: expect.any(String) });
  const sealed = files['out.yaml'] ?? '';
  const opened = await runCli({
    argv: ['--recovery-unseal', '--recovery-private-key', 'k'],
    files: { k: KEY },
    stdin: sealed,
  });
  const { metadata, type, data } = JSON.parse(opened.stdout) as {
    metadata: Partial<Pick<Imported, 'name' | 'namespace' | 'labels' | 'annotations'>>;
    type: string;
    data: Record<string, string | null>;
  };
  const items = Object.entries(data).map(([item, value]) => [
    item,
    Buffer.from(value ?? '', 'base64').toString('latin1'),
  ]);
  const { name = '', namespace, labels = {}, annotations = {} } = metadata;
  return { name, namespace, type, labels, annotations, items: Object.fromEntries(items), stderr, sealed };
}

/** The first line of stderr of a run that fails and writes nothing, with its exit code. */
export async function refused(argv: readonly string[], more: Partial<CliRun> = {}) {
  const { code, stdout, stderr, files } = await runImport(['--quiet', ...argv], more);
  expect({ stdout, file: files['out.yaml'] }).toEqual({ stdout: '', file: undefined });
  const [error = '', ...hints] = stderr.trimEnd().split('\n');
  return { code, error: error.replace(/^error: /, ''), hints: hints.join('\n') };
}
