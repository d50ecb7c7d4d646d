import { apiVersionOf, type ResourceKind } from '../kinds/kind.ts';
import { normaliseMetadata } from '../kinds/metadata.ts';
import { fieldError, invalidObject } from '../objects/field-errors.ts';
import { fieldsOf, isFields } from '../objects/json.ts';
import type { Fields, KubeObject } from '../objects/object.ts';
import { type ApiError, errors } from '../objects/status-errors.ts';
import { withTypeFirst } from './presentation.ts';

function cannotHandle(kind: ResourceKind, why: string): ApiError {
  const version = JSON.stringify(kind.version);
  return errors.badRequest(`${kind.kind} in version ${version} cannot be handled as a ${kind.kind}: ${why}`);
}

function checkType(kind: ResourceKind, body: Fields): void {
  const givenKind = typeof body['kind'] === 'string' ? body['kind'] : '';
  const givenVersion = typeof body['apiVersion'] === 'string' ? body['apiVersion'] : '';
  const expected = apiVersionOf(kind);
  if (kind.isCustom && givenKind === '') {
    throw errors.badRequest(
      `the object provided is unrecognized (must be of type ${kind.kind}): Object 'Kind' is missing in '${JSON.stringify(body)}'`,
    );
  }
  if (givenVersion && givenVersion !== expected) {
    throw errors.badRequest(
      kind.isCustom
        ? `the API version in the data (${givenVersion}) does not match the expected API version (${expected})`
        : `${kind.kind} in version ${JSON.stringify(givenVersion)} cannot be handled as a ${kind.kind}: no kind ${JSON.stringify(givenKind)} is registered for version ${JSON.stringify(givenVersion)} in scheme "pkg/runtime/scheme.go:111"`,
    );
  }
  if (givenKind && givenKind !== kind.kind)
    throw wrongKind(kind, givenKind, String(fieldsOf(body['metadata'])['name'] ?? ''));
}

function wrongKind(kind: ResourceKind, given: string, name: string): ApiError {
  if (kind.isCustom) {
    return invalidObject({ ...kind, kind: given }, name, [
      fieldError.invalid('kind', given, `must be ${kind.kind}`),
    ]);
  }
  const version = JSON.stringify(kind.version);
  return errors.badRequest(
    `${given} in version ${version} cannot be handled as a ${kind.kind}: converting (v1.${given}) to (core.${kind.kind}): unknown conversion`,
  );
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
