import { type FieldError, fieldError } from '../objects/field-errors.ts';
import { isFields, sameJson } from '../objects/json.ts';
import type { Fields } from '../objects/object.ts';
import { isFormat } from './formats.ts';
import { type JsonSchema, schemaOfField } from './json-schema.ts';

function typeNameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function isOfType(value: unknown, schema: JsonSchema): boolean {
  if (schema['x-kubernetes-int-or-string']) return typeof value === 'string' || Number.isInteger(value);
  if (!schema.type) return true;
  const name = typeNameOf(value);
  return name === schema.type || (schema.type === 'number' && name === 'integer');
}

/** Validates a value against a structural schema; `path` is its dotted field path. */
export function validate(value: unknown, schema: JsonSchema, path: string): FieldError[] {
  if (value === null && schema.nullable) return [];
  if (!isOfType(value, schema)) {
    const name = typeNameOf(value);
    const wanted = schema['x-kubernetes-int-or-string'] ? 'integer,string' : schema.type;
    return [
      fieldError.typeInvalid(
        path,
        name,
        `${path} in body must be of type ${wanted}: ${JSON.stringify(name)}`,
      ),
    ];
  }
  const failures = validateEnum(value, schema, path);
  if (typeof value === 'string') failures.push(...validateString(value, schema, path));
  if (typeof value === 'number') failures.push(...validateNumber(value, schema, path));
  if (Array.isArray(value)) failures.push(...validateList(value, schema, path));
  if (isFields(value)) failures.push(...validateFields(value, schema, path));
  return failures;
}

function validateEnum(value: unknown, schema: JsonSchema, path: string): FieldError[] {
  if (!schema.enum || schema.enum.some((allowed) => sameJson(allowed, value))) return [];
  return [fieldError.notSupported(path, value, schema.enum.map(String))];
}

function validateString(value: string, schema: JsonSchema, path: string): FieldError[] {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern, format } = schema;
  const failures: FieldError[] = [];
  if (value.length < minLength) {
    failures.push(
      fieldError.invalid(path, value, `${path} in body should be at least ${minLength} chars long`),
    );
  }
  if (value.length > maxLength) failures.push(fieldError.tooLong(path, maxLength));
  if (pattern && !new RegExp(pattern).test(value)) {
    failures.push(fieldError.invalid(path, value, `${path} in body should match '${pattern}'`));
  }
  if (format && !isFormat(value, format)) {
    failures.push(
      fieldError.typeInvalid(
        path,
        value,
        `${path} in body must be of type ${format}: ${JSON.stringify(value)}`,
      ),
    );
  }
  return failures;
}

function validateNumber(value: number, schema: JsonSchema, path: string): FieldError[] {
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY } = schema;
  if (value < minimum) {
    return [fieldError.invalid(path, value, `${path} in body should be greater than or equal to ${minimum}`)];
  }
  if (value > maximum) {
    return [fieldError.invalid(path, value, `${path} in body should be less than or equal to ${maximum}`)];
  }
  return [];
}

function validateList(value: unknown[], schema: JsonSchema, path: string): FieldError[] {
  const { items, minItems = 0, maxItems = Number.POSITIVE_INFINITY } = schema;
  const failures = items ? value.flatMap((item, i) => validate(item, items, `${path}[${i}]`)) : [];
  if (value.length < minItems) {
    failures.push(
      fieldError.invalid(path, value.length, `${path} in body should have at least ${minItems} items`),
    );
  }
  if (value.length > maxItems) {
    failures.push(
      fieldError.invalid(path, value.length, `${path} in body should have at most ${maxItems} items`),
    );
  }
  return failures;
}

function validateFields(value: Fields, schema: JsonSchema, path: string): FieldError[] {
  const prefix = path ? `${path}.` : '';
  const missing = (schema.required ?? []).filter((field) => value[field] === undefined);
  const failures = missing.map((field) => fieldError.required(`${prefix}${field}`));
  for (const [field, item] of Object.entries(value)) {
    const fieldSchema = schemaOfField(schema, field);
    if (fieldSchema) failures.push(...validate(item, fieldSchema, `${prefix}${field}`));
  }
  return failures;
}

/** Validates a custom resource without its metadata, which the server checks itself. */
export function validateObject(object: Fields, schema: JsonSchema): FieldError[] {
  const { metadata: _metadata, ...rest } = object;
  const required = (schema.required ?? []).filter((field) => field !== 'metadata');
  return validate(rest, { ...schema, required }, '').map((failure) => ({
    ...failure,
    field: failure.field || '<nil>',
  }));
}
