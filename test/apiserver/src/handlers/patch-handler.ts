import { decodeObject } from '../encoding/decode.ts';
import { dropUnknownFields } from '../kinds/admit.ts';
import { apiVersionOf, type ResourceKind } from '../kinds/kind.ts';
import { fieldError, invalidObject } from '../objects/field-errors.ts';
import { clone, fieldsOf, isFields } from '../objects/json.ts';
import type { Fields, KubeObject } from '../objects/object.ts';
import { ApiError, errors } from '../objects/status-errors.ts';
import type { WriteOptions } from '../objects/write-options.ts';
import { applyConfiguration } from '../patch/apply.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../patch/strategic-merge-patch.ts';
import { listRulesOf, type Registry, type Target, timestamp } from '../storage/registry.ts';
import type { StoredObject } from '../storage/storage.ts';

/** One PATCH request. */
export interface PatchRequest {
  readonly type: string;
  readonly body: unknown;
  readonly isForced: boolean;
  readonly hasManager: boolean;
  readonly options: WriteOptions;
}

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

function acceptedTypes({ isCustom }: ResourceKind): string[] {
  return [JSON_PATCH, MERGE_PATCH, ...(isCustom ? [] : [STRATEGIC]), APPLY];
}

/** Checks a patch's media type. @throws 415 for a kind of patch the resource does not take */
export function checkPatchType(kind: ResourceKind, type: string): void {
  if (type === '') throw unknownPatch();
  if (!acceptedTypes(kind).includes(type)) throw errors.unsupportedMediaType(acceptedTypes(kind));
}

/** Applies a patch of any of the four kinds. */
export function patchObject(
  registry: Registry,
  target: Target,
  request: PatchRequest,
): { stored: StoredObject; isCreated: boolean } {
  if (request.type === APPLY) return serverSideApply(registry, target, request);
  const change = (current: KubeObject): KubeObject =>
    decodeNamed(target, patchedFields(current as Fields, request));
  return { stored: registry.update(target, change, { ...request.options, isPatch: true }), isCreated: false };
}

function decodeNamed({ kind, name }: Target, body: unknown): KubeObject {
  const object = decodeObject(kind, body);
  if (object.metadata.name === name) return object;
  throw errors.badRequest(
    `the name of the object (${object.metadata.name}) does not match the name on the URL (${name})`,
  );
}

function unknownPatch(): ApiError {
  return new ApiError({
    code: 415,
    reason: 'UnsupportedMediaType',
    message: '415: Unsupported Media Type',
    details: {},
  });
}

function patchedFields(current: Fields, { type, body }: PatchRequest): unknown {
  if (type === JSON_PATCH) return applyJsonPatch(current, body);
  if (!isFields(body))
    throw errors.badRequest(
      'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    );
  return type === MERGE_PATCH ? applyMergePatch(current, body) : applyStrategicMergePatch(current, body);
}

function checkConfiguration({ kind, name, namespace }: Target, body: unknown): Fields {
  if (!isFields(body)) throw errors.badRequest('error decoding YAML: not an object');
  if (body['apiVersion'] !== apiVersionOf(kind) || body['kind'] !== kind.kind) {
    throw errors.badRequest(`invalid object type: ${describeType(body)}`);
  }
  const metadata = isFields(body['metadata']) ? body['metadata'] : {};
  if (metadata['managedFields']) throw errors.badRequest('metadata.managedFields must be nil');
  if (metadata['namespace'] !== undefined && metadata['namespace'] !== namespace) {
    throw errors.badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  return {
    ...body,
    metadata: { ...metadata, name: metadata['name'] ?? name, ...(namespace ? { namespace } : {}) },
  };
}

/** `group/version, Kind=kind`, as Go prints a GroupVersionKind. */
function describeType({ apiVersion, kind }: Fields): string {
  const version = typeof apiVersion === 'string' ? apiVersion : '';
  return `${version.includes('/') ? version : `/${version}`}, Kind=${typeof kind === 'string' ? kind : ''}`;
}

/** @throws 500 when the configuration has a field the kind does not know, as the real server answers */
function checkKnownFields({ kind, name }: Target, config: Fields): void {
  const namespace = fieldsOf(fieldsOf(config)['metadata'])['namespace'] ?? '';
  const [unknown] = dropUnknownFields(kind, clone(config) as KubeObject);
  if (unknown === undefined) return;
  throw new ApiError({
    code: 500,
    message: `failed to create typed patch object (${String(namespace)}/${name}; ${describeType(config).replace(/^\//, '')}): .${unknown}: field not declared in schema`,
  });
}

/** The part of a configuration the endpoint may change. */
function relevantPart(config: Fields, { hasStatus }: ResourceKind, subresource: string): Fields {
  const { status, ...rest } = config;
  if (subresource === 'status') {
    const { kind, apiVersion, metadata } = config;
    return { kind, apiVersion, metadata, ...(status === undefined ? {} : { status }) };
  }
  return hasStatus ? rest : config;
}

function serverSideApply(
  registry: Registry,
  target: Target,
  request: PatchRequest,
): { stored: StoredObject; isCreated: boolean } {
  const { kind, namespace } = target;
  const { options, isForced, hasManager } = request;
  if (!hasManager) {
    const required = fieldError.required('fieldManager', 'is required for apply patch');
    throw invalidObject({ group: 'meta.k8s.io', kind: 'PatchOptions', plural: '' }, '', [required]);
  }
  const config = relevantPart(checkConfiguration(target, request.body), kind, options.subresource);
  checkKnownFields(target, config);
  const { subresource } = options;
  const manager = {
    name: options.fieldManager,
    operation: 'Apply' as const,
    apiVersion: apiVersionOf(kind),
    ...(subresource ? { subresource } : {}),
  };
  const context = { manager, isForced, rules: listRulesOf(kind), now: timestamp() };
  const applied: WriteOptions = { ...options, isApply: true };
  if (!registry.find(target)) {
    if (subresource) throw errors.notFound(kind, target.name);
    const object = decodeNamed(target, applyConfiguration(undefined, config, context));
    return { stored: registry.create(kind, namespace, object, applied), isCreated: true };
  }
  const change = (current: KubeObject) => decodeNamed(target, applyConfiguration(current, config, context));
  return { stored: registry.update(target, change, applied), isCreated: false };
}
