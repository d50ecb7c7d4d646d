import jsonPatch from 'fast-json-patch';
import { clone } from '../objects/json.ts';
import { ApiError, errors } from '../objects/status-errors.ts';

const isOperation = (value: unknown): value is jsonPatch.Operation =>
  typeof value === 'object' && value !== null && 'op' in value && 'path' in value;

/** Applies a JSON patch (RFC 6902) to a copy. @throws 422 when an operation, such as `test`, does not hold */
export function applyJsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch) || !patch.every(isOperation)) {
    throw errors.badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    );
  }
  try {
    return jsonPatch.applyPatch(clone(target), patch, true, true, true).newDocument;
  } catch {
    throw new ApiError({
      code: 422,
      reason: 'Invalid',
      message: 'the server rejected our request due to an error in our request',
      details: {},
    });
  }
}
