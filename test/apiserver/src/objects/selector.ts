import { fieldsOf } from './json.ts';
import type { KubeObject } from './object.ts';
import { errors } from './status-errors.ts';

type Predicate = (object: KubeObject) => boolean;

/** Values a field selector may ask for, by field name. */
export type SelectableFields = Record<string, (object: KubeObject) => unknown>;

/** The fields custom resources can be selected by: none but name and namespace. */
export const customResourceFields: SelectableFields = {};

const everything: Predicate = () => true;

/** Splits at commas outside parentheses. */
function splitRequirements(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function parseLabelRequirement(text: string): Predicate {
  const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text);
  if (set) {
    const [, key = '', operator, list = ''] = set;
    const values = new Set(list.split(',').map((value) => value.trim()));
    const isIn = (object: KubeObject) => values.has(object.metadata.labels?.[key] ?? '\u0000absent');
    return operator === 'in' ? isIn : (object) => !isIn(object);
  }
  const comparison = /^([^\s=!]+)\s*(==|=|!=)\s*([^\s=!]*)$/.exec(text);
  if (comparison) {
    const [, key = '', operator, value = ''] = comparison;
    if (operator === '!=') return (object) => object.metadata.labels?.[key] !== value;
    return (object) => object.metadata.labels?.[key] === value;
  }
  const existence = /^(!?)\s*([^\s=!()]+)$/.exec(text);
  if (!existence) throw errors.badRequest(`unable to parse requirement: ${JSON.stringify(text)}`);
  const [, negation, key = ''] = existence;
  const exists = (object: KubeObject) => object.metadata.labels?.[key] !== undefined;
  return negation ? (object) => !exists(object) : exists;
}

/** Predicate of a labelSelector parameter; empty selects everything. */
export function labelSelector(text: string | null): Predicate {
  const requirements = splitRequirements(text ?? '').map(parseLabelRequirement);
  return requirements.length === 0
    ? everything
    : (object) => requirements.every((matches) => matches(object));
}

function parseFieldRequirement(text: string): { field: string; isNegated: boolean; value: string } {
  const found = /^([^=!]+?)\s*(==|=|!=)\s*(.*)$/.exec(text);
  if (!found) throw errors.badRequest(`invalid field selector: ${text}`);
  return { field: found[1] ?? '', isNegated: found[2] === '!=', value: found[3] ?? '' };
}

/** Kinds with fields of their own word it differently. */
function unknownField(field: string, selectable: SelectableFields): string {
  if (Object.keys(selectable).length > 0 || selectable === customResourceFields)
    return `field label not supported: ${field}`;
  return `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
}

/** Predicate of a fieldSelector parameter over the fields the kind supports. */
export function fieldSelector(text: string | null, selectable: SelectableFields): Predicate {
  const requirements = splitRequirements(text ?? '').map(parseFieldRequirement);
  if (requirements.length === 0) return everything;
  const predicates = requirements.map(({ field, isNegated, value }): Predicate => {
    const read =
      field === 'metadata.name' ? nameOf : field === 'metadata.namespace' ? namespaceOf : selectable[field];
    if (!read) throw errors.badRequest(unknownField(field, selectable));
    return (object) => (String(read(object) ?? '') === value) !== isNegated;
  });
  return (object) => predicates.every((matches) => matches(object));
}

/**
 * The name a fieldSelector pins with `metadata.name=`, which authorization takes as the name of the request.
 */
export function selectedName(text: string | null): string | undefined {
  for (const part of splitRequirements(text ?? '')) {
    const { field, isNegated, value } = parseFieldRequirement(part);
    if (field === 'metadata.name' && !isNegated) return value;
  }
  return undefined;
}

/** Reads a dotted path. */
export function readPath(object: unknown, path: string): unknown {
  let value = object;
  for (const part of path.split('.')) value = fieldsOf(value)[part];
  return value;
}

const nameOf = (object: KubeObject): string => object.metadata.name;
const namespaceOf = (object: KubeObject): string => object.metadata.namespace ?? '';
