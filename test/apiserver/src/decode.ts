import { isFields } from './json.ts';
import { apiVersionOf, type ResourceKind } from './kinds/kind.ts';
import { normaliseMetadata } from './kinds/metadata.ts';
import type { KubeObject } from './object.ts';
import { withTypeFirst } from './presentation.ts';
import { errors } from './status-errors.ts';

/** Reads a body as an object of a kind; kind and apiVersion may be absent. @throws 400 */
export function decodeObject(kind: ResourceKind, body: unknown): KubeObject {
  const cannot = (why: string) =>
    errors.badRequest(
      `${kind.kind} in version ${JSON.stringify(kind.version)} cannot be handled as a ${kind.kind}: ${why}`,
    );
  if (!isFields(body)) throw cannot('json: cannot unmarshal into Go value');
  const { kind: givenKind, apiVersion: givenVersion, metadata } = body;
  const expected = apiVersionOf(kind);
  if (givenVersion && givenVersion !== expected) {
    throw errors.badRequest(
      `the API version in the data (${String(givenVersion)}) does not match the expected API version (${expected})`,
    );
  }
  if (givenKind && givenKind !== kind.kind) {
    throw errors.badRequest(
      `${String(givenKind)} in version ${JSON.stringify(kind.version)} cannot be handled as a ${kind.kind}: no kind "${String(givenKind)}" is registered`,
    );
  }
  for (const field of ['labels', 'annotations'] as const) {
    const map = isFields(metadata) ? metadata[field] : undefined;
    for (const value of Object.values(isFields(map) ? map : {})) {
      if (typeof value !== 'string') {
        const type = typeof value === 'boolean' ? 'bool' : typeof value;
        throw cannot(
          `json: cannot unmarshal ${type} into Go struct field ObjectMeta.metadata.${field} of type string`,
        );
      }
    }
  }
  const object = withTypeFirst(body, kind);
  object.metadata = { ...object.metadata };
  object.metadata.name ??= '';
  normaliseMetadata(object);
  return object;
}
