import { contradictions, type ObjectMeta, parseSealedSecret, scopeOf } from '@fuin/crypto-core';
import { SEALED_SECRET_SHAPE, withOwnNames } from '@fuin/manifests';
import { treesOf, withEdits } from '@fuin/manifests/edits';
import type { Rendered } from './seal-rendered.ts';

/** What another program did to the name and namespace of a SealedSecret, and what can be done about it. */
export interface SealedPlace {
  /** Why its values do not open where it is now; empty where they do. */
  readonly reasons: readonly string[];
  /** The object in the place for which it is sealed. */
  restored(): object;
  /** The object with its place in its template too; undefined where it is there. */
  followed(): object | undefined;
}

type PlaceField = 'name' | 'namespace';
type Place = { readonly [field in PlaceField]?: string | undefined };

/** Kustomize notes the names that an object had before, the first one first. */
const PREVIOUS_NAMES = 'internal.config.kubernetes.io/previousNames';
const TEMPLATE = ['spec', 'template', 'metadata'];
const FIELDS: readonly PlaceField[] = ['name', 'namespace'];

/** Compares the place of a SealedSecret with that for which it was sealed. @throws ERR_MANIFEST_INVALID */
export function sealedPlaceOf({ value }: Pick<Rendered, 'value'>): SealedPlace {
  const object = withOwnNames(value, SEALED_SECRET_SHAPE);
  const { metadata, spec } = parseSealedSecret(object);
  const own = spec.template?.metadata ?? {};
  const sealedFor = { ...firstName(metadata), ...own };
  // an object without a namespace gets one when it is applied
  const placed = { namespace: sealedFor.namespace ?? '', ...metadata };
  const found = contradictions({ metadata: placed, spec: { template: { metadata: sealedFor } } });
  const set = (at: readonly string[], place: Place) => withPlace(object, at, place);
  const isStrict = scopeOf(metadata.annotations) === 'strict';
  return {
    reasons: found.filter(({ cause }) => cause !== 'template-scope').map(({ message }) => message),
    restored: () => set(['metadata'], isStrict ? sealedFor : { namespace: sealedFor.namespace }),
    followed: () => {
      const isOld = (field: PlaceField) => own[field] !== undefined && own[field] !== placed[field];
      const old = FIELDS.filter(isOld);
      return old.length === 0
        ? undefined
        : set(TEMPLATE, Object.fromEntries(old.map((field) => [field, placed[field]])));
    },
  };
}

function firstName({ annotations = {} }: ObjectMeta): Pick<ObjectMeta, 'name'> {
  const [name = ''] = String(annotations[PREVIOUS_NAMES] ?? '').split(',');
  return name === '' ? {} : { name };
}

function withPlace(object: object, at: readonly string[], place: Place): object {
  const edits = FIELDS.flatMap((field) => {
    const text = place[field];
    return text === undefined ? [] : [{ document: 0, path: [...at, field], text }];
  });
  return withEdits(object, treesOf(edits).get(0) ?? new Map()) as object;
}
