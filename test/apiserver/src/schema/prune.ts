import { clone, isFields } from '../objects/json.ts';
import type { Fields } from '../objects/object.ts';
import { type JsonSchema, schemaOfField } from './json-schema.ts';

/** Removes fields a structural schema does not know, in place; returns their paths. */
export function prune(value: unknown, schema: JsonSchema | undefined, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => prune(item, schema?.items, `${path}[${i}]`));
  if (!isFields(value) || !schema) return [];
  return Object.keys(value).flatMap((field) => pruneField(value, field, schema, path));
}

function pruneField(value: Fields, field: string, schema: JsonSchema, path: string): string[] {
  const at = path ? `${path}.${field}` : field;
  const fieldSchema = schemaOfField(schema, field);
  if (fieldSchema) return prune(value[field], fieldSchema, at);
  const isKept =
    schema['x-kubernetes-preserve-unknown-fields'] === true || schema.additionalProperties === true;
  const isEnvelope =
    schema['x-kubernetes-embedded-resource'] === true && ['apiVersion', 'kind', 'metadata'].includes(field);
  if (isKept || isEnvelope) return [];
  delete value[field];
  return [at];
}

/** Prunes a custom resource; apiVersion, kind and metadata are the server's own. */
export function pruneObject(object: Fields, schema: JsonSchema): string[] {
  if (schema['x-kubernetes-preserve-unknown-fields'] === true && !schema.properties) return [];
  const { apiVersion, kind, metadata, ...rest } = object;
  const removed = prune(rest, schema);
  for (const field of Object.keys(object)) delete object[field];
  Object.assign(object, { kind, apiVersion, metadata }, rest);
  return removed.sort();
}

/** Fills defaults in place and drops nulls that are not nullable. */
export function applyDefaults(value: unknown, schema: JsonSchema | undefined): void {
  if (Array.isArray(value)) for (const item of value) applyDefaults(item, schema?.items);
  if (!isFields(value) || !schema) return;
  for (const [field, item] of Object.entries(value)) {
    const fieldSchema = schemaOfField(schema, field);
    if (item === null && fieldSchema && !fieldSchema.nullable) delete value[field];
  }
  for (const [field, fieldSchema] of Object.entries(schema.properties ?? {})) {
    if (value[field] === undefined && fieldSchema.default !== undefined)
      value[field] = clone(fieldSchema.default);
  }
  for (const [field, item] of Object.entries(value)) applyDefaults(item, schemaOfField(schema, field));
}
