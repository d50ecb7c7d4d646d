import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGES = join(import.meta.dirname, '../../packages');
/** `log.info('...'`, `logger?.log('info', '...'`, and the warnings of the lease, up to the message. */
const CALL =
  /\blog(?:ger)?\??\.(?:(debug|info|warn|error)\(|log\(\s*'(debug|info|warn|error)',)|#(warn)\((?=')/g;
/** What describeError() makes of an error. */
const ERROR_FIELDS = ['code', 'error', 'stack'];
/** Fields of what is spread into a call, or given as its fields, under a name of its own. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  names: ['namespace', 'name'],
  key: ['namespace', 'name'],
  lease: ['namespace', 'name'],
  'namesOf(object)': ['namespace', 'name'],
  'describeError(error)': ERROR_FIELDS,
  'describeError(outcome.failure)': ERROR_FIELDS,
  'describeError(each.reason)': ERROR_FIELDS,
  '(await reconciler.inventory())': ['sealedSecrets', 'notSynced', 'keys', 'stale'],
  'addressesOf(assembly)': ['address', 'metricsAddress'],
};

/** One place of the controller that writes to its log. */
export interface LogCall {
  readonly file: string;
  readonly level: string;
  /** Undefined where it is no literal: then it cannot be looked up. */
  readonly message: string | undefined;
  /** Names in alphabetical order. */
  readonly fields: readonly string[];
}

/**
 * Every log call in the sources of the controller and of the packages that write to its log.
 * @throws Error for fields of a shape that is not known here
 */
export function logCalls(): LogCall[] {
  const files = globSync('{controller,kube}/{src,bin}/**/*.ts', { cwd: PACKAGES });
  const sources = files.filter((file) => !file.endsWith('.test.ts'));
  return sources.flatMap((file) => {
    const source = readFileSync(join(PACKAGES, file), 'utf8');
    return [...source.matchAll(CALL)].map((match) => {
      const [head, plain, kube, lease] = match;
      const end = (match.index ?? 0) + head.length;
      const [first = '', ...rest] = splitArguments(source.slice(end));
      const isOfKube = plain === undefined;
      const fields = rest.flatMap((text) => fieldsOf(text, isOfKube, source.slice(0, match.index)));
      return {
        file,
        level: (plain ?? kube ?? lease ?? '').toUpperCase(),
        message: /^'([^']*)'$/.exec(first)?.[1],
        fields: [...new Set(fields)].sort(),
      };
    });
  });
}

/** Texts between the commas of an argument list or an object, up to the bracket that closes it. */
function splitArguments(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const [character] of text.matchAll(/'[^']*'|[\s\S]/g)) {
    if ('([{'.includes(character)) depth += 1;
    if (')]}'.includes(character)) depth -= 1;
    if (depth < 0) break;
    if (character === ',' && depth === 0) parts.push('');
    else parts.push(parts.pop() + character);
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** @param before the source in front of the call, where a variable gets its value */
function fieldsOf(text: string, isOfKube: boolean, before: string): readonly string[] {
  if (text.startsWith('{')) {
    return splitArguments(text.slice(1)).flatMap((part) => {
      if (part.startsWith('...')) return fieldsOf(part.slice(3), isOfKube, before);
      return isOfKube && part === 'error' ? ERROR_FIELDS : [/^\w+/.exec(part)?.[0] ?? ''];
    });
  }
  if (isOfKube && text === 'error') return ERROR_FIELDS;
  const value = before.lastIndexOf(`const ${text} = {`);
  if (/^\w+$/.test(text) && value >= 0) {
    return fieldsOf(before.slice(before.indexOf('{', value)), isOfKube, before);
  }
  const known = KNOWN[text];
  if (!known) throw new Error(`which fields does ${text} stand for in a log call?`);
  return known;
}
