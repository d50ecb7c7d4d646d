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

/** Where a schema may refuse, or no longer keep, what another one took; empty if it takes all of it. */
export function narrowed(before: Schema, after: Schema, path = ''): string[] {
  const limits = LIMITS.filter(
    (name) => after[name] !== undefined && JSON.stringify(after[name]) !== JSON.stringify(before[name]),
  );
  const demanded = (after.required ?? []).filter((name) => !before.required?.includes(name));
  const choices = after.enum;
  const lost = choices ? (before.enum ?? ['any']).filter((value) => !choices.includes(value)) : [];
  return [
    ...limits.map((name) => `${path}: ${name}`),
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
  const [was, is] = [before.additionalProperties, after.additionalProperties];
  const others = typeof was === 'object' && typeof is === 'object' ? narrowed(was, is, `${path}.*`) : [];
  return [...fields, ...items, ...others];
}
