import { usageError } from '../../invocation/usage-error.ts';
import { fieldsOf, isObject } from '../../io/fields.ts';

/** What a function does with Secrets, and with SealedSecrets whose name or namespace was changed. */
export interface FunctionConfig {
  readonly secrets: 'seal' | 'refuse';
  readonly renamed: 'refuse' | 'restore';
  /** What stands for flags of the command line: `--cert=cert.pem`. */
  readonly words: readonly string[];
}

/** Entries of the configuration, and the flags of kubeseal that they stand for. */
const FLAG_OF: Readonly<Record<string, string>> = {
  certificate: 'cert',
  fingerprint: 'cert-fingerprint',
  cluster: 'for',
  scope: 'scope',
  namespace: 'namespace',
  formatVersion: 'format-version',
  recipient: 'recipient',
};
const CHOICES = { secrets: ['seal', 'refuse'], renamed: ['refuse', 'restore'] } as const;
const KIND = 'SealedSecretTransformer';

/**
 * Reads the `functionConfig` of a ResourceList: the `spec` of a SealedSecretTransformer, or the `data` of a
 * ConfigMap, which other orchestrators make of arguments. Without one, flags and variables decide alone.
 *
 * @throws ERR_USAGE
 */
export function readFunctionConfig(config: unknown): FunctionConfig {
  if (config === undefined || config === null) return { secrets: 'seal', renamed: 'refuse', words: [] };
  const kind = kindOf(config);
  if (kind !== KIND && kind !== 'ConfigMap')
    throw usageError(`the functionConfig is a ${kind}`, `kubeseal reads a ${KIND} or a ConfigMap`);
  const field = kind === KIND ? 'spec' : 'data';
  const entries = fieldsOf(config)[field];
  if (entries !== undefined && !isObject(entries)) throw usageError(`${field} of the ${kind} is no map`);
  const texts = new Map(Object.entries(entries ?? {}).map(([key, value]) => [key, textOf(key, value)]));
  return {
    secrets: choice('secrets', texts.get('secrets')),
    renamed: choice('renamed', texts.get('renamed')),
    words: [...texts].flatMap(([key, text]) =>
      Object.hasOwn(CHOICES, key) ? [] : [`--${flagOf(key)}=${text}`],
    ),
  };
}

function kindOf(config: unknown): string {
  return String(fieldsOf(config)['kind'] ?? 'object without kind').slice(0, 100);
}

function textOf(key: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw usageError(`${key} of the functionConfig is no string`);
}

function flagOf(key: string): string {
  const flag = Object.hasOwn(FLAG_OF, key) ? FLAG_OF[key] : undefined;
  if (flag !== undefined) return flag;
  const known = [...Object.keys(FLAG_OF), ...Object.keys(CHOICES)].sort().join(', ');
  throw usageError(
    `the functionConfig has an entry that kubeseal does not know: ${key.slice(0, 100)}`,
    `known: ${known}`,
  );
}

function choice<Key extends keyof typeof CHOICES>(
  key: Key,
  text: string | undefined,
): (typeof CHOICES)[Key][number] {
  const choices: readonly (typeof CHOICES)[Key][number][] = CHOICES[key];
  const found = text === undefined ? CHOICES[key][0] : choices.find((each) => each === text);
  if (found !== undefined) return found;
  throw usageError(`${key} of the functionConfig is none of ${choices.join(', ')}`);
}
