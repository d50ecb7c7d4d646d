import type { IncomingMessage } from 'node:http';
import { selectedName } from '../objects/selector.ts';

/** What a request asks for, read from its method and path as the API server reads it. */
export interface RequestInfo {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** get, list, watch, create, update, patch, delete, deletecollection; lower-case method for other paths. */
  readonly verb: string;
  readonly isResource: boolean;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
  /** What follows the subresource, for proxies. */
  readonly rest: readonly string[];
}

const VERBS: Record<string, string> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  GET: 'get',
  HEAD: 'get',
};

function verbOf(method: string, hasName: boolean, query: URLSearchParams): string {
  if (method === 'DELETE') return hasName ? 'delete' : 'deletecollection';
  if ((method === 'GET' || method === 'HEAD') && !hasName) {
    return ['1', 'true'].includes(query.get('watch') ?? '') ? 'watch' : 'list';
  }
  return VERBS[method] ?? method.toLowerCase();
}

interface ResourcePath {
  readonly namespace: string;
  readonly resource: string;
  readonly name: string;
  readonly subresource: string;
  readonly rest: readonly string[];
}

function readResourcePath(parts: readonly string[]): ResourcePath {
  const [first = '', second = '', third = ''] = parts;
  const isInNamespace = first === 'namespaces' && third !== '' && !['status', 'finalize'].includes(third);
  const [resource = '', name = '', subresource = '', ...rest] = isInNamespace ? parts.slice(2) : parts;
  const namespace = first === 'namespaces' ? second : '';
  return { namespace, resource, name, subresource, rest };
}

/** Reads the request line. */
export function readRequestInfo(request: IncomingMessage): RequestInfo {
  const target = request.url ?? '/';
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1));
  const method = request.method ?? 'GET';
  const parts = path
    .split('/')
    .filter((part, i, all) => part !== '' || (i > 6 && i === all.length - 1))
    .map(decodePart);
  const isCore = parts[0] === 'api' && parts.length > 2;
  const isGroup = parts[0] === 'apis' && parts.length > 3;
  if (!isCore && !isGroup) {
    const none = { group: '', version: '', resource: '', namespace: '', name: '', subresource: '', rest: [] };
    return { method, path, query, verb: method.toLowerCase(), isResource: false, ...none };
  }
  const [group = '', version = ''] = isCore ? ['', parts[1]] : [parts[1], parts[2]];
  const found = readResourcePath(parts.slice(isCore ? 2 : 3));
  const verb = verbOf(method, found.name !== '', query);
  const isCollection = ['list', 'watch', 'deletecollection'].includes(verb);
  const name = found.name || (isCollection ? (selectedName(query.get('fieldSelector')) ?? '') : '');
  return { method, path, query, isResource: true, group, version, ...found, verb, name };
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const MAX_BODY_BYTES = 3 * 1024 * 1024;

/** Reads a request body; undefined when it is larger than 3 MiB. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // the rest is read and dropped, so that the connection stays usable
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return size > MAX_BODY_BYTES ? undefined : Buffer.concat(chunks);
}
