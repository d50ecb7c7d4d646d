import { type JsonSchema, schemaOfField } from '../schema/json-schema.ts';

/** How a list merges: as a whole, as a set of scalars, or by the keys of its items. */
export type ListRule =
  | { readonly type: 'atomic' }
  | { readonly type: 'set' }
  | { readonly type: 'map'; readonly keys: readonly string[] };

/** Rule of the list at a path of field names; list items add no element. */
export type ListRules = (path: readonly string[]) => ListRule;

const ATOMIC: ListRule = { type: 'atomic' };
const SET: ListRule = { type: 'set' };
const by = (...keys: string[]): ListRule => ({ type: 'map', keys });

/** Merge keys of built-in kinds, by the name of the list. */
const BUILT_IN: Record<string, ListRule> = {
  finalizers: SET,
  ownerReferences: by('uid'),
  conditions: by('type'),
  containers: by('name'),
  initContainers: by('name'),
  ephemeralContainers: by('name'),
  env: by('name'),
  volumes: by('name'),
  volumeMounts: by('mountPath'),
  imagePullSecrets: by('name'),
  secrets: by('name'),
  hostAliases: by('ip'),
  topologySpreadConstraints: by('topologyKey'),
};

/** Rules of built-in kinds. */
export const builtInListRules: ListRules = (path) => {
  const field = path.at(-1) ?? '';
  if (field === 'ports') return by(path.includes('containers') ? 'containerPort' : 'port');
  if (field === 'conditions' && path.at(-2) !== 'status') return ATOMIC;
  return BUILT_IN[field] ?? ATOMIC;
};

/** Rules a structural schema declares; metadata follows the built-in ones. */
export function schemaListRules(schema: JsonSchema): ListRules {
  return (path) => {
    if (path[0] === 'metadata') return builtInListRules(path);
    const found = path.reduce<JsonSchema | undefined>(
      (parent, field) => schemaOfField(parent?.items && !parent.properties ? parent.items : parent, field),
      schema,
    );
    if (found?.['x-kubernetes-list-type'] === 'set') return SET;
    const keys = found?.['x-kubernetes-list-map-keys'];
    return found?.['x-kubernetes-list-type'] === 'map' && keys ? by(...keys) : ATOMIC;
  };
}
