import { apiVersionOf, type Column, type ResourceKind } from '../kinds/kind.ts';
import { fieldsOf, isFields } from '../objects/json.ts';
import type { Fields, KubeObject } from '../objects/object.ts';
import { ApiError } from '../objects/status-errors.ts';
import type { Page } from '../storage/list.ts';
import type { StoredObject } from '../storage/storage.ts';

/** How a client wants objects, by its Accept header. */
export interface Presentation {
  readonly as: '' | 'Table' | 'PartialObjectMetadata';
  readonly version: string;
}

const PLAIN: Presentation = { as: '', version: 'v1' };

/** Reads the first media type the server can answer. @throws 406 */
export function readAccept(header: string | undefined): Presentation {
  if (!header) return PLAIN;
  for (const part of header.split(',')) {
    const [type = '', ...parameters] = part
      .trim()
      .split(';')
      .map((item) => item.trim());
    if (!['application/json', 'application/*', '*/*'].includes(type)) continue;
    const values = new Map(parameters.map((item) => item.split('=', 2) as [string, string]));
    const as = values.get('as') ?? '';
    if (as === '') return PLAIN;
    const version = values.get('v') ?? 'v1';
    if (as === 'Table') return { as, version };
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList')
      return { as: 'PartialObjectMetadata', version };
  }
  throw new ApiError({
    code: 406,
    reason: 'NotAcceptable',
    message: 'only the following media types are accepted: application/json',
  });
}

/** JSON of an object in the version the client asked for. */
export function presentObject(
  stored: StoredObject,
  kind: ResourceKind,
  how: Presentation,
  query: URLSearchParams,
): string {
  if (how.as === 'Table')
    return JSON.stringify(tableOf([stored], kind, how, { includeObject: query.get('includeObject') }));
  if (how.as === 'PartialObjectMetadata') return JSON.stringify(partialOf(stored.object, how));
  return jsonIn(stored, kind);
}

function jsonIn(stored: StoredObject, kind: ResourceKind): string {
  const apiVersion = apiVersionOf(kind);
  return stored.object.apiVersion === apiVersion
    ? stored.json
    : JSON.stringify({ ...stored.object, apiVersion });
}

function partialOf(object: KubeObject, how: Presentation): Fields {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${how.version}`,
    metadata: object.metadata,
  };
}

/** JSON of a page. Items of built-in kinds carry no kind and apiVersion, as on the real server. */
export function presentList(
  page: Page,
  kind: ResourceKind,
  how: Presentation,
  query: URLSearchParams,
): string {
  const metadata: Fields = {
    resourceVersion: String(page.revision),
    ...(page.next ? { continue: page.next } : {}),
    ...(page.remaining ? { remainingItemCount: page.remaining } : {}),
  };
  if (how.as === 'Table') {
    return JSON.stringify({
      ...tableOf(page.items, kind, how, { includeObject: query.get('includeObject') }),
      metadata,
    });
  }
  if (how.as === 'PartialObjectMetadata') {
    const items = page.items.map(({ object }) => partialOf(object, how));
    return JSON.stringify({
      kind: 'PartialObjectMetadataList',
      apiVersion: `meta.k8s.io/${how.version}`,
      metadata,
      items,
    });
  }
  const head = JSON.stringify({ kind: kind.listKind, apiVersion: apiVersionOf(kind), metadata });
  return `${head.slice(0, -1)},"items":[${page.items.map((stored) => listItem(stored, kind)).join(',')}]}`;
}

function listItem(stored: StoredObject, kind: ResourceKind): string {
  const json = jsonIn(stored, kind);
  if (kind.isCustom) return json;
  const prefix = `{"kind":${JSON.stringify(kind.kind)},"apiVersion":${JSON.stringify(apiVersionOf(kind))},`;
  return json.startsWith(prefix) ? `{${json.slice(prefix.length)}` : json;
}

function columnDefinition({ name, type, description, priority }: Column): Fields {
  const format = name === 'Name' ? 'name' : '';
  return { name, type, format, description: description ?? name, priority: priority ?? 0 };
}

/** A meta/v1 Table of objects. */
function tableOf(
  items: readonly StoredObject[],
  kind: ResourceKind,
  how: Presentation,
  { includeObject }: { includeObject: string | null },
): Fields {
  const rowObject = ({ object }: StoredObject): Fields => {
    if (includeObject === 'None') return {};
    return { object: includeObject === 'Object' ? object : partialOf(object, how) };
  };
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${how.version}`,
    metadata: { resourceVersion: items.at(-1)?.object.metadata.resourceVersion ?? '' },
    columnDefinitions: kind.columns.map(columnDefinition),
    rows: items.map((stored) => ({
      cells: kind.columns.map(({ cell }) => cell(stored.object)),
      ...rowObject(stored),
    })),
  };
}

/** Puts kind and apiVersion first, where the stored JSON of built-in kinds must have them. */
export function withTypeFirst(object: Fields, kind: ResourceKind): KubeObject {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object;
  const complete = isFields(metadata) ? metadata : fieldsOf(undefined);
  return {
    kind: kind.kind,
    apiVersion: apiVersionOf(kind),
    metadata: complete,
    ...rest,
  } as unknown as KubeObject;
}
