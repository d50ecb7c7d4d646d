import type { FieldError } from '../field-errors.ts';
import type { ResourceKind } from '../kinds/kind.ts';
import type { KubeObject } from '../object.ts';
import { errors } from '../status-errors.ts';
import type { WriteOptions } from '../write-options.ts';
import { applyDefaults, pruneObject } from './prune.ts';
import { validateObject } from './validate.ts';

/** Prunes, defaults and validates a custom resource in place. @throws 400 on unknown fields under strict validation */
export function admitSchema(kind: ResourceKind, object: KubeObject, options: WriteOptions): FieldError[] {
  const { schema } = kind;
  if (!schema) return [];
  const removed = pruneObject(object, schema).map((path) => `unknown field ${JSON.stringify(path)}`);
  if (removed.length > 0 && options.fieldValidation === 'Strict') {
    throw errors.badRequest(
      `${kind.kind} in version ${JSON.stringify(kind.version)} cannot be handled as a ${kind.kind}: strict decoding error: ${removed.join(', ')}`,
    );
  }
  if (options.fieldValidation === 'Warn') options.warnings.push(...removed);
  applyDefaults(object, schema);
  return validateObject(object, schema);
}
