import { holdsSecret, looksLikeSecret } from '@fuin/crypto-core';
import { CHECKED_SHAPE, withOwnNames } from '@fuin/manifests';
import { type Fields, type Finding, fieldsOf, hasItems, inside, nameOf, type Place } from './finding.ts';
import { EMBEDDED, judgeEmbedded, mayHoldSecret } from './judge-embedded.ts';
import { judgeKustomization } from './judge-kustomization.ts';
import { judgeSealed } from './judge-sealed.ts';
import { hasTextItems, isClearSecret, judgeSecret } from './judge-secret.ts';

/** How deeply lists may be nested. Deeper ones are reported, because their contents are not checked. */
const MAX_NESTING = 100;
/** How deeply anything else may be nested, and how many strings with manifests may be in each other. */
const MAX_DEPTH = 500;
const MAX_EMBEDDED = 4;

/** Judges what a document holds. @param nesting how many lists it is in */
export async function judge(value: unknown, place: Place, nesting = 0): Promise<Finding[]> {
  const { label, path } = place;
  if (typeof value === 'string' && looksLikeSecret(value))
    // for example a log with JSON in it
    return [{ rule: 'plain-secret', message: `${label} seems to hold a Secret`, about: [], path }];
  const object = withOwnNames(fieldsOf(value), CHECKED_SHAPE); // `Kind`, `StringData` and `Spec` count too
  const listed = listedIn(value, object);
  if (listed.length > 0 && nesting === MAX_NESTING)
    return [
      notChecked(`${label} is a list over ${MAX_NESTING} lists deep, which is too deep to check`, place),
    ];
  const inList = await Promise.all(
    listed.map(({ item, index, at }) => {
      const own = inside(place, ...at, String(index));
      return judge(item, { ...own, label: `item ${index + 1} of ${label}` }, nesting + 1);
    }),
  );
  // a Secret with `items` is judged as a Secret too
  const rest = Array.isArray(value) ? {} : withoutLists(object);
  return [...inList.flat(), ...(await judgeOne(object, rest, place))];
}

/** An item of a list, its number, and the field of the list. */
interface Listed {
  readonly item: unknown;
  readonly index: number;
  readonly at: readonly string[];
}

/** Fields whose items are objects: those of a List and of an OpenShift Template. */
const LISTS = /^(?:items|objects)$/i;

/**
 * What a List, an array of objects or an OpenShift Template holds. Where it has one field in two spellings,
 * both count: which one a program reads is its own choice.
 */
function listedIn(value: unknown, { kind }: Fields): readonly Listed[] {
  const fields = Array.isArray(value) ? [] : Object.entries(fieldsOf(value));
  const lists = fields.filter(([key, list]) => LISTS.test(key) && Array.isArray(list));
  const whole: [string, unknown][] = Array.isArray(value) ? [['', value]] : lists;
  const own = (item: unknown) => (kind === 'SecretList' ? { kind: 'Secret', ...fieldsOf(item) } : item);
  return whole.flatMap(([key, list]) =>
    (list as readonly unknown[]).map((item, index) => ({
      item: own(item),
      index,
      at: key === '' ? [] : [key],
    })),
  );
}

function withoutLists(object: Fields): Fields {
  const isList = ([key, field]: [string, unknown]) => LISTS.test(key) && Array.isArray(field);
  return Object.fromEntries(Object.entries(object).filter((entry) => !isList(entry)));
}

/** @param rest its entries that are not judged elsewhere */
async function judgeOne(object: Fields, rest: Fields, place: Place): Promise<Finding[]> {
  const kind = kindOf(object);
  const own = [
    ...(kind === 'secret' ? judgeSecret(object, place) : []),
    ...(kind === 'sealedsecret' ? judgeSealed(object, place, isClearSecret(object)) : []),
    ...judgeKustomization(object, place),
    ...(await judgeAnnotations(object, place)),
  ];
  return [...own, ...(await judgeInside(remainder(rest, kind), place))];
}

/**
 * An API server refuses `kind: Secrets` and `kind: "Secret "`, but a reader of the repository sees their
 * values.
 */
function kindOf(object: Fields): string {
  return String(object['kind'] ?? (hasItems(object['stringData']) ? 'Secret' : ''))
    .trim()
    .toLowerCase()
    .replace(/s$/, '');
}

/** What may hold other manifests: not the items, which are judged already. */
function remainder(object: Fields, kind: string): Fields {
  if (kind !== 'secret' && kind !== 'sealedsecret') return object;
  const { data: _data, stringData: _stringData, spec, ...others } = object;
  const { encryptedData: _encryptedData, ...rest } = fieldsOf(spec);
  return { ...others, ...(spec === undefined ? {} : { spec: rest }) };
}

/** Finds manifests in other objects: in the values of a HelmRelease, a patch, the string of a ConfigMap. */
async function judgeInside(value: unknown, place: Place): Promise<Finding[]> {
  if (typeof value === 'string') return mayHoldSecret(value) ? judgeString(value, place) : [];
  if (typeof value !== 'object' || value === null) return [];
  if (place.path.length > MAX_DEPTH)
    return [notChecked(`${place.label} is too deeply nested to check`, place)];
  const found: Finding[] = [];
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'annotations') continue; // of this object: judged already; of others: they hold copies only
    const at = inside(place, key);
    if (isManifest(inner)) found.push(...(await judge(inner, embedded(at))));
    else if (typeof inner === 'object' || typeof inner === 'string')
      found.push(...(await judgeInside(inner, at)));
  }
  return found;
}

async function judgeString(text: string, place: Place): Promise<Finding[]> {
  const own = embedded(place);
  const isDeep = place.path.filter((key) => key === EMBEDDED).length >= MAX_EMBEDDED;
  return isDeep
    ? [notChecked(`${own.label} is too deeply nested to check`, own)]
    : judgeEmbedded(text, own, judge);
}

/** Whether an entry of an object is a Secret or SealedSecret itself: a mere reference has no items. */
function isManifest(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const object = withOwnNames(fieldsOf(value), CHECKED_SHAPE);
  if (typeof object['kind'] !== 'string') return false;
  const kind = kindOf(object);
  return (kind === 'secret' && hasTextItems(object)) || (kind === 'sealedsecret' && hasItems(object['spec']));
}

/** `spec.values.extra.0 in document 1 of a.yaml` */
function embedded({ label, path }: Place): Place {
  return {
    label: `${path.map(shown).join('.')} in ${label.replace(/^.* in (?=(?:item|document) \d)/, '')}`,
    path,
  };
}

function shown(key: string): string {
  return key.length > 60 ? `${key.slice(0, 60)}...` : key;
}

/**
 * Finds copies of a Secret that tools keep in annotations. kubeseal drops them; its old versions and editors
 * did not.
 */
async function judgeAnnotations(object: Fields, { label, path }: Place): Promise<Finding[]> {
  const places = [['metadata'], ['spec', 'template', 'metadata']];
  const annotations = places.flatMap((at) => {
    const metadata = at.reduce<Fields>((outer, key) => fieldsOf(outer[key]), object);
    return Object.entries(fieldsOf(metadata['annotations'])).map(([key, text]) => ({
      key,
      text,
      path: [...path, ...at, 'annotations', key],
    }));
  });
  const areCopies = await Promise.all(
    annotations.map(({ text }) => typeof text === 'string' && holdsSecret(text)),
  );
  const copies = annotations.filter((_entry, at) => areCopies[at]);
  const named = `${String(object['kind'] ?? 'object')} ${nameOf(object)}`;
  return [...new Map(copies.toReversed().map((copy) => [copy.key, copy])).values()].reverse().map((copy) => ({
    rule: 'secret-in-annotation',
    message: `${label}: annotation ${copy.key} of ${named} holds a Secret in the clear`,
    about: [named, copy.key],
    path: copy.path,
  }));
}

function notChecked(message: string, { path }: Place): Finding {
  return { rule: 'not-checked', message, about: [], path };
}
