import { SealedSecretsError } from '@fuin/crypto-core';
import { parseJsonStream, type YamlDocument } from '@fuin/manifests';
import { decodeText } from '@fuin/manifests/text-encoding';
import { type Finding, HINTS, judge } from '../input/check-object.ts';
import { findingsInTemplate } from '../input/check-template.ts';
import { readInput } from '../io/files.ts';
import type { Io } from '../io/io.ts';

/**
 * `kubeseal check FILE...`: finds, without a cluster, what must not be committed: Secrets with items in the
 * clear, and SealedSecrets with an item that is not sealed. Other files are accepted.
 *
 * @throws ERR_MANIFEST_INVALID naming file, document and item of each finding; ERR_USAGE when a file cannot
 * be opened
 */
export async function checkFiles(io: Pick<Io, 'cwd' | 'stdin'>, names: readonly string[]): Promise<void> {
  const findings: Finding[] = [];
  for (const name of names) {
    const isStdin = name === '-';
    const bytes = isStdin ? await io.stdin.read() : await readInput(io.cwd, name);
    findings.push(...(await findingsIn(decode(bytes), isStdin ? 'stdin' : name)));
  }
  if (findings.length === 0) return;
  const message = findings.map((finding) => finding.message).join('\nerror: ');
  const hint = [...new Set(findings.map(({ kind }) => HINTS[kind]))].join('\n');
  throw new SealedSecretsError('ERR_MANIFEST_INVALID', message, { hint });
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
