import { decodeBase64, parseEnvelope, SealedSecretsError } from '@fuin/crypto-core';
import { readInput } from './files.ts';
import type { Io } from './io.ts';
import { parseJsonStream } from './json.ts';
import type { YamlDocument } from './yaml/parse.ts';
import { SECRET_SHAPE, withOwnNames } from './yaml/shape.ts';

type Fields = Readonly<Record<string, unknown>>;

const HINT =
  `seal a Secret with kubeseal -f secret.yaml -w sealed.yaml and keep it out of Git; the value of one item is sealed
with kubeseal --raw. A value that was committed or pushed counts as known: change it`.replaceAll('\n', ' ');
/** A field as YAML or JSON, also inside a file that neither can read (a Helm template). */
const SECRET_KIND =
  /^(?:[ -]*|.*[{,] *)["']?kind["']?[ \t]*:[ \t]*["']?Secret(?:List)?["']?\s*(?:[,}#].*)?$/m;
const SECRET_ITEMS = /(?:^|[{,])[ -]*["']?(?:data|stringData)["']?[ \t]*:/m;

/**
 * `kubeseal check FILE...`: looks, without a cluster, for what must not be committed: Secrets with items in the clear, and
 * SealedSecrets with an item that is not sealed. Files about something else pass.
 *
 * @throws ERR_MANIFEST_INVALID naming file, document and item of each finding; ERR_USAGE when a file cannot be opened
 */
export async function checkFiles(io: Pick<Io, 'cwd' | 'stdin'>, names: readonly string[]): Promise<void> {
  const findings: string[] = [];
  for (const name of names) {
    const isStdin = name === '-';
    const bytes = isStdin ? await io.stdin.read() : await readInput(io.cwd, name);
    findings.push(...(await findingsIn(decode(bytes), isStdin ? 'stdin' : name)));
  }
  if (findings.length === 0) return;
  throw new SealedSecretsError('ERR_MANIFEST_INVALID', findings.join('\nerror: '), { hint: HINT });
}

/** Windows PowerShell writes UTF-16 with a mark in front, and kubectl reads that. */
function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  return new TextDecoder().decode(bytes);
}

async function findingsIn(text: string, where: string): Promise<string[]> {
  const documents = await readDocuments(text, where);
  if (documents) {
    return documents.flatMap(({ value }, index) => judge(value, `document ${index + 1} of ${where}`));
  }
  if (!SECRET_KIND.test(text) || !SECRET_ITEMS.test(text)) return [];
  return [`${where} seems to hold a Secret, and is no YAML or JSON that could tell`];
}

/** The documents of a file; undefined when it is neither JSON nor YAML (which looks like JSON in flow style). */
async function readDocuments(text: string, where: string): Promise<readonly YamlDocument[] | undefined> {
  const { parseYaml } = await import('./yaml/parse.ts');
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

function judge(value: unknown, label: string): string[] {
  const object = withOwnNames(fieldsOf(value), SECRET_SHAPE); // `Kind` and `StringData` count too
  const inList = listedIn(value, object).flatMap((item, index) =>
    judge(item, `item ${index + 1} of ${label}`),
  );
  return [...inList, ...judgeItself(object, label)]; // `items` does not make a Secret a list
}

/** What a List, an array of objects or an OpenShift Template holds. */
function listedIn(value: unknown, { kind, items, objects }: Fields): readonly unknown[] {
  const listed = [value, items, objects].find((each) => Array.isArray(each)) ?? [];
  return kind === 'SecretList' ? listed.map((item) => ({ kind: 'Secret', ...fieldsOf(item) })) : listed;
}

function judgeItself(object: Fields, label: string): string[] {
  const isClear = ['data', 'stringData'].some((field) => Object.keys(fieldsOf(object[field])).length > 0);
  if (object['kind'] === 'Secret')
    return isClear ? [`${label} is a Secret in the clear: ${nameOf(object)}`] : [];
  if (object['kind'] !== 'SealedSecret') return [];
  const named = `SealedSecret ${nameOf(object)}`;
  const { encryptedData = {}, data: legacy = '' } = fieldsOf(object['spec']);
  const unsealed = Object.entries(fieldsOf(encryptedData)).filter(([, sealed]) => !isSealed(sealed));
  return [
    ...(isClear ? [`${label}: ${named} has items in the clear beside its spec`] : []),
    ...(typeof encryptedData === 'object' ? [] : [`${label}: spec.encryptedData of ${named} is not sealed`]),
    ...(legacy === '' || legacy === null || isSealed(legacy)
      ? []
      : [`${label}: spec.data of ${named} is not sealed`]),
    ...unsealed.map(([item]) => `${label}: item ${item} of ${named} is not sealed`),
  ];
}

function isSealed(value: unknown): boolean {
  if (typeof value !== 'string') return false;
  try {
    return parseEnvelope(decodeBase64(value)).wrappedKey.length > 0;
  } catch {
    return false;
  }
}

function nameOf(object: Fields): string {
  const { namespace, name } = fieldsOf(object['metadata']);
  return [namespace, name].filter((part) => typeof part === 'string' && part !== '').join('/') || '(no name)';
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
