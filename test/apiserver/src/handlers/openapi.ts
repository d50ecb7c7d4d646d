import { apiVersionOf, type ResourceKind } from '../kinds/kind.ts';
import type { Fields } from '../objects/object.ts';

const INFO = { title: 'Kubernetes', version: 'v1.37.2' };

// Strategic merge patch is left out: kubectl would look for merge keys in these schemas instead of its own
// types.
const PATCH_TYPES = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/apply-patch+yaml',
];

const META: Fields = {
  type: 'object',
  description: "Standard object's metadata.",
  properties: {
    name: { type: 'string' },
    namespace: { type: 'string' },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    annotations: { type: 'object', additionalProperties: { type: 'string' } },
  },
  'x-kubernetes-preserve-unknown-fields': true,
};

/** Name of a schema as the real server builds it: the group reversed, then version and kind. */
function schemaName({ group, version, kind, isCustom }: ResourceKind): string {
  if (!isCustom) return `io.k8s.api.${(group || 'core').split('.')[0]}.${version}.${kind}`;
  return `${group.split('.').reverse().join('.')}.${version}.${kind}`;
}

const gvk = ({ group, version, kind }: ResourceKind): Fields => ({ group, version, kind });

function schemaOf(kind: ResourceKind): Fields {
  const own: Fields = {
    ...(kind.schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }),
  };
  const properties = (own['properties'] ?? {}) as Fields;
  return {
    ...own,
    type: 'object',
    properties: {
      ...properties,
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: META,
    },
    'x-kubernetes-group-version-kind': [gvk(kind)],
  };
}

const queryParameter = (name: string): Fields => ({
  name,
  in: 'query',
  schema: { type: 'string', uniqueItems: true },
});
const WRITE_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation'].map(queryParameter);

function operation(kind: ResourceKind, action: string, types?: readonly string[]): Fields {
  const schema = { $ref: `#/components/schemas/${schemaName(kind)}` };
  const content = (media: readonly string[]) => Object.fromEntries(media.map((type) => [type, { schema }]));
  return {
    responses: { 200: { description: 'OK', content: content(['application/json']) } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk(kind),
    ...(types
      ? { parameters: WRITE_PARAMETERS, requestBody: { required: true, content: content(types) } }
      : {}),
  };
}

function pathsOf(kind: ResourceKind): Fields {
  const root = kind.group ? `/apis/${apiVersionOf(kind)}` : '/api/v1';
  const collection = `${root}${kind.isNamespaced ? '/namespaces/{namespace}' : ''}/${kind.plural}`;
  return {
    [collection]: { get: operation(kind, 'list'), post: operation(kind, 'post', ['application/json']) },
    [`${collection}/{name}`]: {
      get: operation(kind, 'get'),
      put: operation(kind, 'put', ['application/json']),
      patch: operation(kind, 'patch', PATCH_TYPES),
      delete: operation(kind, 'delete'),
    },
  };
}

const pathOf = (kind: ResourceKind): string => (kind.group ? `apis/${apiVersionOf(kind)}` : 'api/v1');

/** Answer of /openapi/v3: where each group version is described. */
export function openApiIndex(kinds: readonly ResourceKind[]): Fields {
  const paths = new Set(kinds.map(pathOf));
  return {
    paths: Object.fromEntries([...paths].map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}` }])),
  };
}

/** Answer of /openapi/v3/<path>, or undefined for an unknown one. */
export function openApiV3(kinds: readonly ResourceKind[], path: string): Fields | undefined {
  const served = kinds.filter((kind) => pathOf(kind) === path);
  if (served.length === 0) return undefined;
  return {
    openapi: '3.0.0',
    info: INFO,
    paths: Object.assign({}, ...served.map(pathsOf)) as Fields,
    components: { schemas: Object.fromEntries(served.map((kind) => [schemaName(kind), schemaOf(kind)])) },
  };
}

/** Answer of /openapi/v2 as JSON: kinds without paths, enough for clients that look kinds up. */
export function openApiV2(kinds: readonly ResourceKind[]): Fields {
  return {
    swagger: '2.0',
    info: INFO,
    paths: {},
    definitions: Object.fromEntries(kinds.map((kind) => [schemaName(kind), schemaOf(kind)])),
  };
}
