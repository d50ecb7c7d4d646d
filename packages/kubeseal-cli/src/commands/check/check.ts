import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { SealedSecretsError } from '@fuin/crypto-core';
import { parseJsonStream, type YamlDocument } from '@fuin/manifests';
import { decodeText } from '@fuin/manifests/text-encoding';
import type { Failure } from '../../input/tree/failures.ts';
import { readTree } from '../../input/tree/tree.ts';
import { type Finding, HINTS, judge } from '../../inspect/check-object.ts';
import { findingsInTemplate } from '../../inspect/check-template.ts';
import { isStream, readInput } from '../../io/files.ts';
import type { Input } from '../../io/inputs.ts';
import type { Io } from '../../io/io.ts';

/**
 * `kubeseal check FILE...`: finds, without a cluster, what must not be committed: Secrets with items in the
 * clear, and SealedSecrets with an item that is not sealed. Other files are accepted.
 *
 * @throws ERR_FINDINGS naming file, document and item of each finding; ERR_USAGE when a file cannot
 * be opened: a named one at once, one of a directory after all others were checked
 */
export async function checkFiles(io: Pick<Io, 'cwd' | 'stdin'>, names: readonly string[]): Promise<void> {
  const findings: Finding[] = [];
  const failures: SealedSecretsError[] = [];
  for (const name of names) {
    for await (const file of inputsOf(name, io)) {
      if ('error' in file) failures.push(file.error);
      else findings.push(...(await findingsIn(decode(file.bytes), file.where)));
    }
  }
  const code = findings.length > 0 ? 'ERR_FINDINGS' : failures[0]?.code;
  if (code === undefined) return;
  const message = [...findings, ...failures].map((each) => each.message).join('\nerror: ');
  const hints = new Set(findings.map(({ kind }) => HINTS[kind]));
  throw new SealedSecretsError(code, message, hints.size > 0 ? { hint: [...hints].join('\n') } : {});
}

/** What an argument names: stdin, a file, or the YAML and JSON files below a directory. */
async function* inputsOf(name: string, io: Pick<Io, 'cwd' | 'stdin'>): AsyncGenerator<Input | Failure> {
  if (isStream(name)) yield { bytes: await io.stdin.read(), where: 'stdin' };
  else if (isDirectory(resolve(io.cwd, name))) yield* readTree([name], io);
  else yield { bytes: await readInput(io.cwd, name), where: name };
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/**
 * Windows PowerShell writes UTF-16 with a byte order mark, which kubectl reads. Joined files have marks
 * inside. Removing zero bytes makes UTF-16 without a mark, and UTF-32, readable too.
 */
function decode(bytes: Uint8Array): string {
  return decodeText(bytes).replaceAll(/[\0\ufeff]/g, '');
}

async function findingsIn(text: string, where: string): Promise<Finding[]> {
  const documents = await readDocuments(text, where);
  if (!documents) return findingsInTemplate(text, where);
  const labelled = documents.map(({ value }, at) => judge(value, `document ${at + 1} of ${where}`));
  return (await Promise.all(labelled)).flat();
}

/**
 * The documents of a file; undefined when it is neither JSON nor YAML (which looks like JSON in flow style).
 */
async function readDocuments(text: string, where: string): Promise<readonly YamlDocument[] | undefined> {
  const { parseYaml } = await import('@fuin/manifests/read-yaml');
  const readJson = () => {
    const { values, rest } = parseJsonStream(text, where);
    return [...values.map((value) => ({ value, changedPaths: [] })), ...parseYaml(rest, where, 'any')];
  };
  const readYaml = () => parseYaml(text, where, 'any');
  for (const read of /^\s*\{/.test(text) ? [readJson, readYaml] : [readYaml]) {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SealedSecretsError)) throw error;
    }
  }
  return undefined;
}
