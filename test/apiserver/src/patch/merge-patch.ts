import { clone, isFields } from '../objects/json.ts';
import type { Fields } from '../objects/object.ts';

/** Applies a JSON merge patch (RFC 7386) and returns the result; the target is not changed. */
export function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return clone(patch);
  const result: Fields = isFields(target) ? { ...target } : {};
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete result[field];
    else result[field] = applyMergePatch(result[field], value);
  }
  return result;
}
