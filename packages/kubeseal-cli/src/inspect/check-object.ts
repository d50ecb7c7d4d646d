import { holdsSecret, looksLikeSecret } from '@fuin/crypto-core';
import { CHECKED_SHAPE, withOwnNames } from '@fuin/manifests';
import { looksOf } from './check-value.ts';

/** How deeply lists may be nested. Deeper ones are reported, because their contents are not checked. */
const MAX_NESTING = 100;

/** Something that must not be committed. */
export interface Finding {
  /** Names file, document and item, never a value. */
  readonly message: string;
  readonly kind: keyof typeof HINTS;
}

/** What to do about a finding. */
export const HINTS = {
  clear:
    `seal a Secret with kubeseal -f secret.yaml -w sealed.yaml and keep it out of Git; the value of one item is sealed
with kubeseal --raw. A value that was committed or pushed counts as known: change it`.replaceAll('\n', ' '),
  damaged:
    'a sealed value was cut or changed, perhaps while it was copied: take it from where it was sealed, or seal it again',
} as const;

type Fields = Readonly<Record<string, unknown>>;

/** Judges an object and, if it is a list, the objects in it. */
export async function judge(value: unknown, label: string, nesting = 0): Promise<Finding[]> {
  // for example a log with JSON in it
  if (typeof value === 'string' && looksLikeSecret(value)) return [found(`${label} seems to hold a Secret`)];
  const object = withOwnNames(fieldsOf(value), CHECKED_SHAPE); // `Kind`, `StringData` and `Spec` count too
  const items = listedIn(value, object);
  if (items.length > 0 && nesting === MAX_NESTING)
    return [found(`${label} is a list over ${MAX_NESTING} lists deep, which is too deep to check`)];
  const inList = await Promise.all(
    items.map((item, at) => judge(item, `item ${at + 1} of ${label}`, nesting + 1)),
  );
  // a Secret with `items` is judged as a Secret too
  return [...inList.flat(), ...judgeItself(object, label), ...(await judgeAnnotations(object, label))];
}

/** What a List, an array of objects or an OpenShift Template holds. */
function listedIn(value: unknown, { kind, items, objects }: Fields): readonly unknown[] {
  const listed = [value, items, objects].find((each) => Array.isArray(each)) ?? [];
  return kind === 'SecretList' ? listed.map((item) => ({ kind: 'Secret', ...fieldsOf(item) })) : listed;
}

function judgeItself(object: Fields, label: string): Finding[] {
  const clear = [object['data'], object['stringData']].filter(hasItems);
  const isClear = clear.length > 0 && !clear.every((items) => isReferring(items)) && !isSopsEncrypted(object);
  // an API server refuses `kind: Secrets`, but a reader of the repository sees the values
  const kind = String(object['kind'] ?? (hasItems(object['stringData']) ? 'Secret' : ''))
    .toLowerCase()
    .replace(/s$/, '');
  if (kind === 'secret')
    return isClear ? [found(`${label} is a Secret in the clear: ${nameOf(object)}`)] : [];
  return kind === 'sealedsecret' ? judgeSealed(object, label, isClear) : [];
}

function judgeSealed(object: Fields, label: string, isClear: boolean): Finding[] {
  const named = `SealedSecret ${nameOf(object)}`;
  const spec = fieldsOf(object['spec']);
  const { encryptedData = {}, data: legacy = '' } = spec;
  const template = fieldsOf(spec['template'])['stringData'];
  return [
    ...(isClear ? [found(`${label}: ${named} has items in the clear beside its spec`)] : []),
    ...(typeof encryptedData === 'object'
      ? judgeItems(Object.entries(fieldsOf(encryptedData)), (item) => `${label}: item ${item} of ${named}`)
      : [found(`${label}: spec.encryptedData of ${named} is not sealed`)]),
    ...(legacy === '' || legacy === null
      ? []
      : judgeItems([['data', legacy]], () => `${label}: spec.data of ${named}`)),
    ...(hasItems(template) && !isReferring(template)
      ? [found(`${label}: ${named} has items in the clear in spec.template.stringData`)]
      : []),
    ...(hasItems(spec['stringData']) && !isReferring(spec['stringData'])
      ? [found(`${label}: ${named} has items in the clear in spec.stringData`)]
      : []),
  ];
}

/** Items that are not sealed. */
export function judgeItems(
  items: readonly (readonly [string, unknown])[],
  nameOfItem: (item: string) => string,
): Finding[] {
  return items.flatMap(([item, value]): Finding[] => {
    const looks = looksOf(value);
    if (looks === 'damaged') return [{ message: `${nameOfItem(item)} is damaged`, kind: 'damaged' }];
    return looks === 'clear' ? [found(`${nameOfItem(item)} is not sealed`)] : [];
  });
}

/**
 * Finds copies of a Secret that tools keep in annotations. kubeseal drops them; its old versions and editors
 * did not.
 */
async function judgeAnnotations(object: Fields, label: string): Promise<Finding[]> {
  const template = fieldsOf(fieldsOf(object['spec'])['template']);
  const metadata = [object['metadata'], template['metadata']].map(fieldsOf);
  const annotations = metadata.flatMap((each) => Object.entries(fieldsOf(each['annotations'])));
  const areCopies = await Promise.all(
    annotations.map(([, text]) => typeof text === 'string' && holdsSecret(text)),
  );
  const keys = annotations.filter((_entry, at) => areCopies[at]).map(([key]) => key);
  const named = `${String(object['kind'] ?? 'object')} ${nameOf(object)}`;
  return [...new Set(keys)].map((key) =>
    found(`${label}: annotation ${key} of ${named} holds a Secret in the clear`),
  );
}

/** A string in the place of a map is a value too. */
function hasItems(items: unknown): boolean {
  return typeof items === 'string' ? items !== '' : Object.keys(fieldsOf(items)).length > 0;
}

/** Whether each item refers to a value that is stored elsewhere. */
function isReferring(items: unknown): boolean {
  if (typeof items === 'string') return looksOf(items) === 'reference';
  return Object.values(fieldsOf(items)).every((value) => looksOf(value) === 'reference');
}

/** Whether SOPS wrote the object: each value is encrypted, and a MAC covers all of them. */
function isSopsEncrypted({ data, stringData, sops }: Fields): boolean {
  const isEncrypted = (text: unknown) =>
    typeof text === 'string' && /^ENC\[[A-Z0-9_]+,data:[^\],]*,iv:[^\]]+,tag:[^\]]+\]$/.test(text);
  const values = [data, stringData].flatMap((items) => Object.values(fieldsOf(items)));
  return isEncrypted(fieldsOf(sops)['mac']) && values.every((value) => value === '' || isEncrypted(value));
}

function found(message: string): Finding {
  return { message, kind: 'clear' };
}

function nameOf(object: Fields): string {
  const { namespace, name } = fieldsOf(object['metadata']);
  return [namespace, name].filter((part) => typeof part === 'string' && part !== '').join('/') || '(no name)';
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
