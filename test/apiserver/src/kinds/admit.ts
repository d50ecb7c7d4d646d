import type { FieldError } from '../objects/field-errors.ts';
import type { KubeObject } from '../objects/object.ts';
import { errors } from '../objects/status-errors.ts';
import type { WriteOptions } from '../objects/write-options.ts';
import { applyDefaults, pruneObject } from '../schema/prune.ts';
import { validateObject } from '../schema/validate.ts';
import type { ResourceKind } from './kind.ts';

const METADATA_FIELDS = new Set([
  'name',
  'generateName',
  'namespace',
  'selfLink',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
]);

function dropUnknown(holder: object, known: ReadonlySet<string>, prefix: string): string[] {
  const unknown = Object.keys(holder).filter((field) => !known.has(field));
  for (const field of unknown) Reflect.deleteProperty(holder, field);
  return unknown.map((field) => `${prefix}${field}`);
}

/**
 * Drops fields that the kind does not have, in place; returns their paths. Checks built-in kinds at the top
 * only.
 */
export function dropUnknownFields(kind: ResourceKind, object: KubeObject): string[] {
  const removed = dropUnknown(object.metadata, METADATA_FIELDS, 'metadata.');
  if (kind.schema) return [...removed, ...pruneObject(object, kind.schema)].sort();
  const known = new Set(['kind', 'apiVersion', 'metadata', ...kind.fields]);
  return [...removed, ...dropUnknown(object, known, '')].sort();
}

/**
 * Prunes every object, defaults and validates custom resources, in place.
 * @throws 400 on unknown fields under strict validation
 */
export function admitSchema(kind: ResourceKind, object: KubeObject, options: WriteOptions): FieldError[] {
  const removed = dropUnknownFields(kind, object).map((path) => `unknown field ${JSON.stringify(path)}`);
  if (removed.length > 0 && options.fieldValidation === 'Strict') {
    throw errors.badRequest(
      `${kind.kind} in version ${JSON.stringify(kind.version)} cannot be handled as a ${kind.kind}: strict decoding error: ${removed.join(', ')}`,
    );
  }
  if (options.fieldValidation === 'Warn') options.warnings.push(...removed);
  if (!kind.schema) return [];
  applyDefaults(object, kind.schema);
  return validateObject(object, kind.schema);
}
