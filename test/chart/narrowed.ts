/** As much of a JSON schema as a CustomResourceDefinition has. */
export interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly [keyword: string]: unknown;
}

/** Keywords of limits: a new or another one may refuse what was allowed. */
const LIMITS = [
  ...['type', 'format', 'pattern', 'minimum', 'maximum', 'minLength', 'maxLength', 'minItems', 'maxItems'],
  ...['minProperties', 'maxProperties', 'x-kubernetes-validations', 'oneOf', 'anyOf', 'allOf', 'not'],
];

const KEEP = 'x-kubernetes-preserve-unknown-fields';
/** Keywords that let more through: without one, something is refused or not kept. */
const PERMISSIONS = [KEEP, 'nullable', 'x-kubernetes-int-or-string'];

/** Where a schema may refuse, or no longer keep, what another one took; empty if it takes all of it. */
export function narrowed(before: Schema, after: Schema, path = ''): string[] {
  const limits = LIMITS.filter(
    (name) => after[name] !== undefined && JSON.stringify(after[name]) !== JSON.stringify(before[name]),
  );
  const withdrawn = PERMISSIONS.filter((name) => before[name] === true && after[name] !== true);
  const demanded = (after.required ?? []).filter((name) => !before.required?.includes(name));
  const choices = after.enum;
  const lost = choices ? (before.enum ?? ['any']).filter((value) => !choices.includes(value)) : [];
  return [
    ...limits.map((name) => `${path}: ${name}`),
    ...withdrawn.map((name) => `${path}: no ${name}`),
    ...demanded.map((name) => `${path}: ${name} is required`),
    ...lost.map((value) => `${path}: not ${value}`),
    ...narrowedFields(before, after, path),
  ];
}

function narrowedFields(before: Schema, after: Schema, path: string): string[] {
  const fields = Object.entries(before.properties ?? {}).flatMap(([name, schema]) => {
    const now = after.properties?.[name];
    return now ? narrowed(schema, now, `${path}.${name}`) : [`${path}.${name}: gone`];
  });
  const items = before.items && after.items ? narrowed(before.items, after.items, `${path}[]`) : [];
  return [...fields, ...items, ...narrowedOthers(before, after, `${path}.*`)];
}

/** Fields that a schema does not name. */
function narrowedOthers(before: Schema, after: Schema, path: string): string[] {
  const [was, is] = [before.additionalProperties ?? false, after.additionalProperties ?? false];
  if (was === false) return [];
  if (is !== false) return narrowed(schemaOf(was), schemaOf(is), path);
  return after[KEEP] === true ? [] : [`${path}: gone`];
}

function schemaOf(schema: Schema | true): Schema {
  return schema === true ? {} : schema;
}
