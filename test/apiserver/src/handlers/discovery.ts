import { apiVersionOf, type ResourceKind } from '../kinds/kind.ts';
import type { Fields } from '../objects/object.ts';

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const STATUS_VERBS = ['get', 'patch', 'update'];

/** Kinds that are only created: they answer a question and are not stored. */
export const reviewKinds = [
  { group: 'authorization.k8s.io', kind: 'SelfSubjectAccessReview', plural: 'selfsubjectaccessreviews' },
  { group: 'authorization.k8s.io', kind: 'SubjectAccessReview', plural: 'subjectaccessreviews' },
] as const;

/** What discovery needs beside the table of kinds. */
interface Subresource {
  readonly name: string;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
}

function subresourcesOf(kind: ResourceKind): Subresource[] {
  const found: Subresource[] = kind.hasStatus
    ? [{ name: 'status', kind: kind.kind, verbs: STATUS_VERBS }]
    : [];
  if (kind.plural === 'services' && kind.group === '') {
    found.push({
      name: 'proxy',
      kind: 'ServiceProxyOptions',
      verbs: ['create', 'delete', 'get', 'patch', 'update'],
    });
  }
  if (kind.plural === 'serviceaccounts') {
    found.push({
      name: 'token',
      kind: 'TokenRequest',
      group: 'authentication.k8s.io',
      version: 'v1',
      verbs: ['create'],
    });
  }
  return found;
}

const versionEntry = (group: string, version: string): Fields => ({
  groupVersion: group ? `${group}/${version}` : version,
  version,
});

function versionsByGroup(kinds: readonly ResourceKind[]): Map<string, string[]> {
  const versions = new Map<string, string[]>([['authorization.k8s.io', ['v1']]]);
  for (const { group, version } of kinds) {
    const known = versions.get(group) ?? [];
    if (!known.includes(version)) versions.set(group, [...known, version]);
  }
  return versions;
}

/** Answer of /api. */
export function coreVersions(server: string): Fields {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: server }],
  };
}

function apiGroup(group: string, versions: readonly string[]): Fields {
  return {
    name: group,
    versions: versions.map((version) => versionEntry(group, version)),
    preferredVersion: versionEntry(group, versions[0] ?? ''),
  };
}

/** Answer of /apis. */
export function groupList(kinds: readonly ResourceKind[]): Fields {
  const groups = [...versionsByGroup(kinds)].filter(([group]) => group !== '');
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groups.map(([group, versions]) => apiGroup(group, versions)),
  };
}

/** Answer of /apis/<group>, or undefined for an unknown one. */
export function groupEntry(kinds: readonly ResourceKind[], group: string): Fields | undefined {
  const versions = versionsByGroup(kinds).get(group);
  return versions && { kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group, versions) };
}

function apiResources(kind: ResourceKind): Fields[] {
  const main: Fields = {
    name: kind.plural,
    singularName: kind.singular,
    namespaced: kind.isNamespaced,
    kind: kind.kind,
    verbs: VERBS,
    ...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
    ...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
  };
  const others = subresourcesOf(kind).map(({ name, ...rest }) => ({
    ...rest,
    name: `${kind.plural}/${name}`,
    singularName: '',
    namespaced: kind.isNamespaced,
  }));
  return [main, ...others];
}

const reviewResources = (group: string): Fields[] =>
  reviewKinds
    .filter((review) => review.group === group)
    .map(({ kind, plural }) => ({
      name: plural,
      singularName: kind.toLowerCase(),
      namespaced: false,
      kind,
      verbs: ['create'],
    }));

/** Answer of /api/v1 and /apis/<group>/<version>, or undefined for an unknown one. */
export function resourceList(
  kinds: readonly ResourceKind[],
  group: string,
  version: string,
): Fields | undefined {
  const served = kinds.filter((kind) => kind.group === group && kind.version === version);
  const resources = [...served.flatMap(apiResources), ...(version === 'v1' ? reviewResources(group) : [])];
  if (resources.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf({ group, version }),
    resources,
  };
}

function aggregatedResource(kind: ResourceKind): Fields {
  const responseKind = { group: kind.group, version: kind.version, kind: kind.kind };
  const subresources = subresourcesOf(kind).map(({ name, kind: child, group, version, verbs }) => ({
    subresource: name,
    responseKind: { group: group ?? kind.group, version: version ?? kind.version, kind: child },
    verbs,
  }));
  return {
    resource: kind.plural,
    responseKind,
    scope: kind.isNamespaced ? 'Namespaced' : 'Cluster',
    singularResource: kind.singular,
    verbs: VERBS,
    ...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
    ...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  };
}

const aggregatedReviews = (group: string): Fields[] =>
  reviewKinds
    .filter((review) => review.group === group)
    .map(({ kind, plural }) => ({
      resource: plural,
      responseKind: { group, version: 'v1', kind },
      scope: 'Cluster',
      singularResource: kind.toLowerCase(),
      verbs: ['create'],
    }));

/** Aggregated discovery of /api (core only) or /apis. */
export function aggregatedDiscovery(
  kinds: readonly ResourceKind[],
  isCore: boolean,
  version: string,
): Fields {
  const groups = [...versionsByGroup(kinds)].filter(([group]) => (group === '') === isCore);
  const items = groups.map(([group, versions]) => ({
    metadata: { creationTimestamp: null, ...(group ? { name: group } : {}) },
    versions: versions.map((name) => ({
      version: name,
      freshness: 'Current',
      resources: [
        ...kinds.filter((kind) => kind.group === group && kind.version === name).map(aggregatedResource),
        ...aggregatedReviews(group),
      ],
    })),
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items };
}
