import { type Field, SETTINGS } from '../../packages/kubeseal-cli/src/invocation/settings/fields.ts';
import { code, paragraphs, table } from './markdown.ts';

/** A part of a JSON schema. */
type Schema = Readonly<Record<string, unknown>>;

/** The JSON schema of the settings file, as text. */
export function settingsSchema(): string {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: '.kubeseal.yaml',
    ...schemaOf(SETTINGS),
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

/** The fields of the settings file. */
export function settingsPage(): string {
  return paragraphs(
    '# Fields of .kubeseal.yaml',
    `[Several clusters](../commands/clusters.md) explains the settings file. Editors complete and check it by the
[JSON schema](kubeseal-settings.schema.json).`,
    table(
      ['Field', 'Type', 'Meaning'],
      rowsOf(SETTINGS, '').map(({ name, type, what }) => [code(name), type, what]),
    ),
  );
}

function schemaOf(field: Field): Schema {
  const description = field.what;
  switch (field.type) {
    case 'text':
      return {
        type: 'string',
        description,
        minLength: 1,
        ...(field.choices ? { enum: field.choices } : {}),
        ...(field.pattern === undefined ? {} : { pattern: field.pattern }),
      };
    case 'list':
      return {
        type: 'array',
        description,
        items: schemaOf(field.of),
        ...(field.of.type === 'text' ? { minItems: 1 } : {}),
      };
    case 'map':
      return {
        type: 'object',
        description,
        propertyNames: { pattern: field.names },
        additionalProperties: schemaOf(field.of),
      };
    case 'object':
      return {
        type: 'object',
        description,
        properties: Object.fromEntries(
          Object.entries(field.fields).map(([name, below]) => [name, schemaOf(below)]),
        ),
        ...(field.required.length > 0 ? { required: field.required } : {}),
        ...(field.oneOf ? { anyOf: field.oneOf.map((name) => ({ required: [name] })) } : {}),
        additionalProperties: false,
      };
  }
}

interface Row {
  readonly name: string;
  readonly type: string;
  readonly what: string;
}

function rowsOf(field: Field, name: string): Row[] {
  const own = name === '' ? [] : [{ name, type: typeOf(field), what: field.what }];
  if (field.type === 'map')
    return [...own, ...rowsOf(field.of, `${name}.${field.entry.toUpperCase()}`).slice(1)];
  if (field.type === 'list')
    return field.of.type === 'text' ? own : [...own, ...rowsOf(field.of, `${name}[]`).slice(1)];
  if (field.type === 'text') return own;
  const below = Object.entries(field.fields).flatMap(([each, shape]) =>
    rowsOf(shape, name === '' ? each : `${name}.${each}`),
  );
  return [...own, ...below];
}

function typeOf(field: Field): string {
  if (field.type === 'text') return field.choices ? field.choices.map(code).join(', ') : 'string';
  if (field.type === 'list') return field.of.type === 'text' ? 'list of strings' : 'list';
  return 'map';
}
