import { fieldsOf, isFields } from './json.ts';
import { apiVersionOf, type ResourceKind } from './kinds/kind.ts';
import { normaliseMetadata } from './kinds/metadata.ts';
import type { Fields, KubeObject } from './object.ts';
import { withTypeFirst } from './presentation.ts';
import { type ApiError, errors } from './status-errors.ts';

function cannotHandle(kind: ResourceKind, why: string): ApiError {
  const version = JSON.stringify(kind.version);
  return errors.badRequest(`${kind.kind} in version ${version} cannot be handled as a ${kind.kind}: ${why}`);
}

function checkType(kind: ResourceKind, body: Fields): void {
  const { kind: givenKind, apiVersion } = body;
  const expected = apiVersionOf(kind);
  if (apiVersion && apiVersion !== expected) {
    throw errors.badRequest(
      `the API version in the data (${String(apiVersion)}) does not match the expected API version (${expected})`,
    );
  }
  if (givenKind && givenKind !== kind.kind) {
    throw errors.badRequest(
      `${String(givenKind)} in version ${JSON.stringify(kind.version)} cannot be handled as a ${kind.kind}: no kind "${String(givenKind)}" is registered`,
    );
  }
}

function checkStringMaps(kind: ResourceKind, metadata: Fields): void {
  for (const field of ['labels', 'annotations'] as const) {
    const wrong = Object.values(fieldsOf(metadata[field])).find((value) => typeof value !== 'string');
    if (wrong === undefined) continue;
    const type = typeof wrong === 'boolean' ? 'bool' : typeof wrong;
    throw cannotHandle(
      kind,
      `json: cannot unmarshal ${type} into Go struct field ObjectMeta.metadata.${field} of type string`,
    );
  }
}

/** Reads a body as an object of a kind; kind and apiVersion may be absent. @throws 400 */
export function decodeObject(kind: ResourceKind, body: unknown): KubeObject {
  if (!isFields(body)) throw cannotHandle(kind, 'json: cannot unmarshal into Go value');
  checkType(kind, body);
  checkStringMaps(kind, fieldsOf(body['metadata']));
  const object = withTypeFirst(body, kind);
  object.metadata = { ...object.metadata };
  object.metadata.name ??= '';
  normaliseMetadata(object);
  return object;
}
