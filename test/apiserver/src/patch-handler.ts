import { decodeObject } from './decode.ts';
import { isFields } from './json.ts';
import { apiVersionOf, type ResourceKind } from './kinds/kind.ts';
import type { Fields, KubeObject } from './object.ts';
import { applyConfiguration } from './patch/apply.ts';
import { applyJsonPatch } from './patch/json-patch.ts';
import { applyMergePatch } from './patch/merge-patch.ts';
import { applyStrategicMergePatch } from './patch/strategic-merge-patch.ts';
import { listRulesOf, type Registry, type Target, timestamp } from './registry.ts';
import { errors } from './status-errors.ts';
import type { StoredObject } from './storage.ts';
import type { WriteOptions } from './write-options.ts';

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

/** Applies a patch of any of the four kinds. @throws 415 for a kind of patch the resource does not take */
export function patchObject(
  registry: Registry,
  target: Target,
  request: PatchRequest,
): { stored: StoredObject; isCreated: boolean } {
  if (!acceptedTypes(target.kind).includes(request.type))
    throw errors.unsupportedMediaType(acceptedTypes(target.kind));
  if (request.type === APPLY) return serverSideApply(registry, target, request);
  const change = (current: KubeObject): KubeObject => {
    const patched = patchedFields(current as Fields, request);
    const next = decodeObject(target.kind, patched);
    if (next.metadata.name !== target.name) {
      throw errors.badRequest(
        `the name of the object (${next.metadata.name}) does not match the name on the URL (${target.name})`,
      );
    }
    return next;
  };
  return { stored: registry.update(target, change, request.options), isCreated: false };
}

function patchedFields(current: Fields, { type, body }: PatchRequest): unknown {
  if (type === JSON_PATCH) return applyJsonPatch(current, body);
  if (!isFields(body))
    throw errors.badRequest(
      'error decoding patch: json: cannot unmarshal into Go value of type map[string]interface {}',
    );
  return type === MERGE_PATCH ? applyMergePatch(current, body) : applyStrategicMergePatch(current, body);
}

function checkConfiguration({ kind, name, namespace }: Target, body: unknown): Fields {
  if (!isFields(body)) throw errors.badRequest('error decoding YAML: not an object');
  if (body['apiVersion'] !== apiVersionOf(kind) || body['kind'] !== kind.kind) {
    throw errors.badRequest(
      `invalid object type: ${String(body['apiVersion'])}, Kind=${String(body['kind'])}`,
    );
  }
  const metadata = isFields(body['metadata']) ? body['metadata'] : {};
  if (metadata['managedFields']) throw errors.badRequest('metadata.managedFields must be nil');
  if (metadata['name'] !== undefined && metadata['name'] !== name) {
    throw errors.badRequest(
      `the name of the object (${String(metadata['name'])}) does not match the name on the URL (${name})`,
    );
  }
  if (metadata['namespace'] !== undefined && metadata['namespace'] !== namespace) {
    throw errors.badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  return { ...body, metadata: { ...metadata, name, ...(namespace ? { namespace } : {}) } };
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
  if (!hasManager)
    throw errors.badRequest(
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    );
  const config = relevantPart(checkConfiguration(target, request.body), kind, options.subresource);
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
    const object = decodeObject(kind, applyConfiguration(undefined, config, context));
    return { stored: registry.create(kind, namespace, object, applied), isCreated: true };
  }
  const change = (current: KubeObject) => decodeObject(kind, applyConfiguration(current, config, context));
  return { stored: registry.update(target, change, applied), isCreated: false };
}
