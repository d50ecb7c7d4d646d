// Over 200 lines: one function per verb.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse as parseYaml } from 'yaml';
import { contentTypeOf, parseJson, readObject, readText } from '../encoding/body.ts';
import { decodeObject } from '../encoding/decode.ts';
import { presentList, presentObject, readAccept } from '../encoding/presentation.ts';
import type { RequestInfo } from '../encoding/request.ts';
import type { Faults } from '../faults/faults.ts';
import type { ResourceKind } from '../kinds/kind.ts';
import { validateListOptions } from '../objects/list-options.ts';
import type { KubeObject } from '../objects/object.ts';
import { errors } from '../objects/status-errors.ts';
import type { WriteOptions } from '../objects/write-options.ts';
import { type DeleteOptions, deleteObject, readDeleteOptions } from '../storage/delete.ts';
import { listPage, readSelection, readVersion } from '../storage/list.ts';
import type { Registry, Target } from '../storage/registry.ts';
import type { StoredObject } from '../storage/storage.ts';
import { checkPatchType, patchObject } from './patch-handler.ts';
import type { WatchHub } from './watch.ts';

/** A complete answer; undefined from a handler means it answers by itself. */
export interface Answer {
  readonly code: number;
  readonly json: string;
  readonly headers?: Record<string, string | string[]>;
}

/** What the handlers of resources share. */
export interface ResourceContext {
  readonly registry: Registry;
  readonly watches: WatchHub;
  readonly faults: Faults;
}

/** One request for a served kind. */
export interface ResourceRequest {
  readonly info: RequestInfo;
  readonly kind: ResourceKind;
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
}

/** Answers a request for objects of a kind. */
export async function handleResource(
  request: ResourceRequest,
  context: ResourceContext,
): Promise<Answer | undefined> {
  const { info, kind } = request;
  checkPath(info, kind);
  switch (info.verb) {
    case 'get':
      return answerStored(200, context.registry.get(targetOf(info, kind)), request, []);
    case 'list':
      return list(request, context);
    case 'watch':
      watch(request, context);
      return undefined;
    case 'create':
      return create(request, context);
    case 'update':
      return update(request, context);
    case 'patch':
      return patch(request, context);
    case 'delete':
      return remove(request, context);
    case 'deletecollection':
      return removeCollection(request, context);
    default:
      throw errors.methodNotAllowed();
  }
}

/** Refuses paths and methods that lead nowhere. @throws 404, 405 */
function checkPath({ namespace, name, verb }: RequestInfo, kind: ResourceKind): void {
  const isAcross = kind.isNamespaced && namespace === '';
  if (isAcross && name !== '' && !['list', 'watch'].includes(verb)) throw errors.unknownPath();
  if (isAcross && !['list', 'watch'].includes(verb)) throw errors.methodNotAllowed();
  if (name === '' && ['update', 'patch'].includes(verb)) throw errors.methodNotAllowed();
}

function targetOf(info: RequestInfo, kind: ResourceKind): Target {
  return { kind, namespace: kind.isNamespaced ? info.namespace : '', name: info.name };
}

function answerStored(
  code: number,
  stored: StoredObject,
  request: ResourceRequest,
  warnings: readonly string[],
): Answer {
  const how = readAccept(request.message.headers.accept);
  const json = presentObject(stored, request.kind, how, request.info.query);
  if (warnings.length === 0) return { code, json };
  return { code, json, headers: { Warning: warnings.map((text) => `299 - ${JSON.stringify(text)}`) } };
}

function list({ info, kind, message }: ResourceRequest, { registry, faults }: ResourceContext): Answer {
  validateListOptions(info.query, false);
  const how = readAccept(message.headers.accept);
  const selection = readSelection(kind, kind.isNamespaced ? info.namespace : '', info.query);
  const staleRevision = faults.staleRevisionOf(kind.plural);
  const stale = staleRevision === undefined ? {} : { staleRevision };
  const page = listPage(registry.collection(kind), selection, {
    store: registry.store,
    query: info.query,
    ...stale,
  });
  return { code: 200, json: presentList(page, kind, how, info.query) };
}

function watch(
  { info, kind, message, response }: ResourceRequest,
  { registry, watches }: ResourceContext,
): void {
  validateListOptions(info.query, true);
  const version = info.query.get('resourceVersion') ?? '';
  if (version) readVersion(version);
  const selection = readSelection(kind, kind.isNamespaced ? info.namespace : '', info.query);
  const how = readAccept(message.headers.accept);
  watches.open(response, { kind, collection: registry.collection(kind), selection, query: info.query, how });
}

function writeOptionsOf({ info, message }: ResourceRequest): WriteOptions {
  const agent = (message.headers['user-agent'] ?? '').split('/')[0] ?? '';
  const validation = info.query.get('fieldValidation') ?? 'Warn';
  return {
    fieldManager: info.query.get('fieldManager') || agent.slice(0, 128) || 'unknown',
    isDryRun: info.query.get('dryRun') === 'All',
    fieldValidation: validation as WriteOptions['fieldValidation'],
    subresource: info.subresource === 'status' ? 'status' : '',
    warnings: [],
  };
}

async function create(request: ResourceRequest, { registry }: ResourceContext): Promise<Answer> {
  const { info, kind } = request;
  if (info.name !== '') throw errors.methodNotAllowed();
  const options = writeOptionsOf(request);
  const object = decodeObject(kind, await readObject(request.message));
  checkNamespace(object, info, kind);
  return answerStored(
    201,
    registry.create(kind, kind.isNamespaced ? info.namespace : '', object, options),
    request,
    options.warnings,
  );
}

function checkNamespace({ metadata }: KubeObject, info: RequestInfo, kind: ResourceKind): void {
  if (!kind.isNamespaced || !metadata.namespace || metadata.namespace === info.namespace) return;
  throw errors.badRequest(
    `the namespace of the provided object does not match the namespace sent on the request`,
  );
}

async function update(request: ResourceRequest, { registry }: ResourceContext): Promise<Answer> {
  const { info, kind } = request;
  const options = writeOptionsOf(request);
  const object = decodeObject(kind, await readObject(request.message));
  checkNamespace(object, info, kind);
  if (object.metadata.name !== info.name) {
    const given = object.metadata.name ?? '';
    throw errors.badRequest(
      given === ''
        ? 'name is required'
        : `the name of the object (${given}) does not match the name on the URL (${info.name})`,
    );
  }
  const target = targetOf(info, kind);
  if (kind.createsOnUpdate && !registry.find(target)) {
    if (object.metadata.uid)
      throw errors.conflict(
        kind,
        info.name,
        `Precondition failed: UID in precondition: ${object.metadata.uid}, UID in object meta: `,
      );
    if (object.metadata.resourceVersion) throw errors.notFound(kind, info.name);
    return answerStored(
      201,
      registry.create(kind, target.namespace, object, options),
      request,
      options.warnings,
    );
  }
  return answerStored(
    200,
    registry.update(target, () => object, options),
    request,
    options.warnings,
  );
}

async function patch(request: ResourceRequest, { registry }: ResourceContext): Promise<Answer> {
  const { info, kind, message } = request;
  const options = writeOptionsOf(request);
  const type = contentTypeOf(message);
  checkPatchType(kind, type);
  const body = await readText(message);
  const parsed = type === 'application/apply-patch+yaml' ? (parseYaml(body) as unknown) : parseJson(body);
  const { stored, isCreated } = patchObject(registry, targetOf(info, kind), {
    type,
    body: parsed,
    isForced: info.query.get('force') === 'true',
    hasManager: info.query.has('fieldManager'),
    options,
  });
  return answerStored(isCreated ? 201 : 200, stored, request, options.warnings);
}

async function readDelete({ info, message }: ResourceRequest): Promise<DeleteOptions> {
  const text = await readText(message);
  const body: unknown = text === '' ? undefined : parseJson(text);
  return readDeleteOptions(body, info.query);
}

async function remove(request: ResourceRequest, { registry }: ResourceContext): Promise<Answer> {
  const { info, kind } = request;
  const wanted = await readDelete(request);
  const options = writeOptionsOf(request);
  const { stored, isPending } = deleteObject(registry, targetOf(info, kind), wanted, options);
  if (isPending || kind.answersDeleted) return answerStored(200, stored, request, []);
  const { name, uid } = stored.object.metadata;
  const details = { name, ...(kind.group ? { group: kind.group } : {}), kind: kind.plural, uid };
  return {
    code: 200,
    json: JSON.stringify({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }),
  };
}

async function removeCollection(request: ResourceRequest, { registry }: ResourceContext): Promise<Answer> {
  const { info, kind, message } = request;
  const wanted = await readDelete(request);
  const options = writeOptionsOf(request);
  const selection = readSelection(kind, kind.isNamespaced ? info.namespace : '', info.query);
  const page = listPage(registry.collection(kind), selection, { store: registry.store, query: info.query });
  for (const { object } of page.items) {
    const { name, namespace = '' } = object.metadata;
    deleteObject(registry, { kind, namespace, name }, wanted, options);
  }
  return { code: 200, json: presentList(page, kind, readAccept(message.headers.accept), info.query) };
}
