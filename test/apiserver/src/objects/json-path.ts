import { isFields, listOf } from './json.ts';

type Step = (values: unknown[]) => unknown[];

const TOKEN =
  /\.?\[\?\(@\.([\w.]+)\s*==\s*['"]([^'"]*)['"]\)\]|\[(\d+|\*)\]|\[['"]([^'"]+)['"]\]|\.((?:\\.|[^.[\\])+)/y;

function readKey(key: string): Step {
  return (values) => values.filter(isFields).flatMap((value) => (key in value ? [value[key]] : []));
}

function stepOf(token: RegExpExecArray): Step {
  const [, filterKey, filterValue, index, quoted, name] = token;
  if (filterKey !== undefined) {
    const read = filterKey.split('.').map(readKey);
    const matches = (item: unknown) => read.reduce((values, step) => step(values), [item])[0] === filterValue;
    return (values) => values.flatMap((value) => listOf(value).filter(matches));
  }
  if (index === '*') return (values) => values.flatMap(listOf);
  if (index !== undefined) {
    return (values) => values.flatMap((value) => listOf(value).slice(Number(index), Number(index) + 1));
  }
  return readKey((quoted ?? name ?? '').replaceAll('\\', ''));
}

/**
 * Values at a path in the subset that printer columns use: fields, indexes, wildcards and equality filters.
 */
export function evaluateJsonPath(object: unknown, path: string): unknown[] {
  const pattern = new RegExp(TOKEN);
  let values: unknown[] = [object];
  while (pattern.lastIndex < path.length) {
    const token = pattern.exec(path);
    if (!token) return [];
    values = stepOf(token)(values);
  }
  return values;
}
