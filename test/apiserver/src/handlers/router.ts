import type { IncomingMessage, ServerResponse } from 'node:http';
import { serviceAccountUser, type TokenTable, type UserInfo } from '../access/auth.ts';
import type { Attributes, RbacAuthorizer } from '../access/rbac.ts';
import { readReview } from '../encoding/body.ts';
import type { RequestInfo } from '../encoding/request.ts';
import type { KindTable } from '../kinds/kind-table.ts';
import { fieldsOf } from '../objects/json.ts';
import type { Fields } from '../objects/object.ts';
import { errors } from '../objects/status-errors.ts';
import {
  aggregatedDiscovery,
  coreVersions,
  groupEntry,
  groupList,
  resourceList,
  reviewKinds,
} from './discovery.ts';
import { openApiIndex, openApiV2, openApiV3 } from './openapi.ts';
import { proxyToService } from './proxy.ts';
import { type Answer, handleResource, type ResourceContext } from './resource-handler.ts';

/** What routing needs. */
export interface RouterContext extends ResourceContext {
  readonly kinds: KindTable;
  readonly authorizer: RbacAuthorizer;
  readonly tokens: TokenTable;
  readonly serverAddress: () => string;
}

/** One authorized request. */
export interface RoutedRequest {
  readonly info: RequestInfo;
  readonly user: UserInfo;
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
}

const VERSION = {
  major: '1',
  minor: '37',
  gitVersion: 'v1.37.2',
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '2026-01-01T00:00:00Z',
  goVersion: 'go1.26.8',
  compiler: 'gc',
  platform: 'linux/amd64',
};

const json = (body: Fields, code = 200): Answer => ({ code, json: JSON.stringify(body) });
const text = (body: string): Answer => ({
  code: 200,
  json: body,
  headers: { 'Content-Type': 'text/plain; charset=utf-8' },
});

/** Finds who answers. Undefined: the answer is being written already. */
export async function route(request: RoutedRequest, context: RouterContext): Promise<Answer | undefined> {
  const { info } = request;
  if (!info.isResource) return answerPath(request, context);
  const review = reviewKinds.find(({ group, plural }) => group === info.group && plural === info.resource);
  if (review) return answerReview(request, context, review.kind);
  const kind = context.kinds.byResource(info.group, info.version, info.resource);
  if (!kind) throw errors.unknownPath();
  if (info.resource === 'services' && info.subresource === 'proxy') {
    await proxyToService(context.registry.store, info, request);
    return undefined;
  }
  if (info.resource === 'serviceaccounts' && info.subresource === 'token')
    return answerToken(request, context);
  const isServed = info.subresource === '' || (info.subresource === 'status' && kind.hasStatus);
  if (!isServed) throw errors.unknownPath();
  return handleResource({ ...request, kind }, context);
}

function answerPath({ info, message }: RoutedRequest, { kinds, serverAddress }: RouterContext): Answer {
  const parts = info.path.split('/').filter((part) => part !== '');
  const [root = '', ...rest] = parts;
  const accept = message.headers.accept ?? '';
  if (['healthz', 'readyz', 'livez'].includes(root)) return text('ok');
  if (root === 'version') return json(VERSION);
  if (root === 'openapi') return answerOpenApi(rest, accept, kinds);
  const found =
    root === 'api' || root === 'apis'
      ? answerDiscovery(root, rest, { accept, kinds, server: serverAddress() })
      : undefined;
  return (
    found ?? {
      code: 404,
      json: '404 page not found\n',
      headers: { 'Content-Type': 'text/plain; charset=utf-8' },
    }
  );
}

function answerOpenApi(rest: readonly string[], accept: string, kinds: KindTable): Answer {
  const [version = '', ...path] = rest;
  if (version === 'v2') {
    if (accept.includes('protobuf') && !accept.includes('application/json')) return { code: 406, json: '' };
    return json(openApiV2(kinds.all()));
  }
  const found = path.length === 0 ? openApiIndex(kinds.all()) : openApiV3(kinds.all(), path.join('/'));
  if (version !== 'v3' || !found) throw errors.unknownPath();
  return json(found);
}

function answerDiscovery(
  root: 'api' | 'apis',
  rest: readonly string[],
  context: { accept: string; kinds: KindTable; server: string },
): Answer | undefined {
  const kinds = context.kinds.all();
  const isCore = root === 'api';
  if (rest.length === 0) {
    const aggregated = /v=(v2beta1|v2);as=APIGroupDiscoveryList/.exec(context.accept.replaceAll(' ', ''));
    const version = aggregated?.[1];
    if (!version) return json(isCore ? coreVersions(context.server) : groupList(kinds));
    const type = `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;
    return { ...json(aggregatedDiscovery(kinds, isCore, version)), headers: { 'Content-Type': type } };
  }
  const [group = '', version] = isCore ? ['', rest[0]] : rest;
  const found = version === undefined ? groupEntry(kinds, group) : resourceList(kinds, group, version);
  return found && json(found);
}

function attributesOf(spec: Fields): Attributes {
  const resource = fieldsOf(spec['resourceAttributes']);
  const path = fieldsOf(spec['nonResourceAttributes']);
  const read = (field: string) => String(resource[field] ?? '');
  return {
    isResource: 'resourceAttributes' in spec,
    verb: String(resource['verb'] ?? path['verb'] ?? ''),
    group: read('group'),
    resource: read('resource'),
    subresource: read('subresource'),
    namespace: read('namespace'),
    name: read('name'),
    path: String(path['path'] ?? ''),
  };
}

async function answerReview(
  { user, info, message }: RoutedRequest,
  { authorizer }: RouterContext,
  kind: string,
): Promise<Answer> {
  if (info.verb !== 'create') throw errors.methodNotAllowed();
  const spec = await readReview(message);
  const groups = Array.isArray(spec['groups']) ? spec['groups'].map(String) : [];
  const subject = kind === 'SubjectAccessReview' ? { name: String(spec['user'] ?? ''), groups } : user;
  const allowed = authorizer.isAllowed(subject, attributesOf(spec));
  return json(
    {
      kind,
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec,
      status: { allowed },
    },
    201,
  );
}

async function answerToken(
  { info, message }: RoutedRequest,
  { registry, kinds, tokens }: RouterContext,
): Promise<Answer> {
  const kind = kinds.byResource('', 'v1', 'serviceaccounts');
  if (!kind || info.verb !== 'create') throw errors.methodNotAllowed();
  registry.get({ kind, namespace: info.namespace, name: info.name });
  const spec = await readReview(message);
  const expirationTimestamp = new Date(
    Date.now() + Number(spec['expirationSeconds'] ?? 3600) * 1000,
  ).toISOString();
  const status = { token: tokens.issue(serviceAccountUser(info.namespace, info.name)), expirationTimestamp };
  const metadata = { name: info.name, namespace: info.namespace };
  return json({ kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', metadata, spec, status }, 201);
}
