import type { ResourceKind } from '../kinds/kind.ts';
import type { Fields } from '../objects/object.ts';
import { fieldSelector, labelSelector } from '../objects/selector.ts';
import { errors } from '../objects/status-errors.ts';
import { type Collection, compareKeys, type Store, type StoredObject } from './storage.ts';

/** One page of a collection and the version it is consistent at. */
export interface Page {
  readonly items: readonly StoredObject[];
  readonly revision: number;
  readonly next?: string;
  readonly remaining?: number;
}

/** What a collection request selects. */
export interface Selection {
  readonly namespace: string;
  readonly matches: (stored: StoredObject) => boolean;
  readonly isFiltered: boolean;
}

interface ContinueToken {
  readonly revision: number;
  readonly after: string;
}

const EXPIRED_CONTINUE =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** Reads labelSelector and fieldSelector. */
export function readSelection(kind: ResourceKind, namespace: string, query: URLSearchParams): Selection {
  const labels = query.get('labelSelector');
  const fields = query.get('fieldSelector');
  const isLabelMatch = labelSelector(labels);
  const isFieldMatch = fieldSelector(fields, kind.selectableFields);
  const prefix = `${namespace}/`;
  const isInNamespace = (key: string) => namespace === '' || key.startsWith(prefix);
  return {
    namespace,
    isFiltered: Boolean(labels) || Boolean(fields),
    matches: ({ key, object }) => isInNamespace(key) && isLabelMatch(object) && isFieldMatch(object),
  };
}

/** Reads a resource version parameter. @throws 400 unless it is a number */
export function readVersion(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw errors.badRequest(
    `Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
}

function encodeToken(token: ContinueToken): string {
  return Buffer.from(
    JSON.stringify({ v: 'meta.k8s.io/v1', rv: token.revision, start: `${token.after}\u0000` }),
  ).toString('base64url');
}

function decodeToken(text: string | null): ContinueToken | undefined {
  if (!text) return undefined;
  try {
    const fields = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Fields;
    return { revision: Number(fields['rv']), after: String(fields['start']).slice(0, -1) };
  } catch {
    throw errors.badRequest('continue key is not valid: illegal base64 data');
  }
}

/** The version a list must be answered at, or undefined for the newest. */
function exactRevision(query: URLSearchParams, store: Store): number | undefined {
  const version = query.get('resourceVersion') ?? '';
  if (version === '' || version === '0') return undefined;
  const wanted = readVersion(version);
  if (wanted > store.revision) throw errors.tooLargeVersion(version, store.revision);
  const match = query.get('resourceVersionMatch');
  const isExact = match === 'Exact' || (!match && Number(query.get('limit') ?? 0) > 0);
  return isExact ? wanted : undefined;
}

/** Lists one page. A stale revision, when given, is what a lagging cache would know. @throws 410, 504 */
export function listPage(
  collection: Collection,
  selection: Selection,
  context: { store: Store; query: URLSearchParams; staleRevision?: number },
): Page {
  const { store, query, staleRevision } = context;
  const token = decodeToken(query.get('continue'));
  const isAny = query.get('resourceVersion') === '0';
  const limit = isAny && !token ? 0 : Number(query.get('limit') ?? 0);
  const wanted = token ? token.revision : exactRevision(query, store);
  const isInconsistent = wanted === -1;
  const newest = staleRevision ?? store.revision;
  const revision = isInconsistent || wanted === undefined ? newest : wanted;
  const isExpired = revision < collection.compactedRevision && staleRevision === undefined;
  if (isExpired) throw expiredList(revision, token);
  const snapshot = revision === store.revision ? collection.list() : collection.listAt(revision);
  const { items, remaining } = takePage(startAfter(snapshot, token?.after), selection, limit);
  if (remaining === 0) return { items, revision };
  const next = encodeToken({ revision: isInconsistent ? -1 : revision, after: items.at(-1)?.key ?? '' });
  return { items, revision, next, ...(selection.isFiltered ? {} : { remaining }) };
}

function startAfter(snapshot: StoredObject[], after: string | undefined): StoredObject[] {
  return after === undefined ? snapshot : snapshot.filter(({ key }) => compareKeys(key, after) > 0);
}

function takePage(
  candidates: readonly StoredObject[],
  { matches }: Selection,
  limit: number,
): { items: StoredObject[]; remaining: number } {
  const found = candidates.filter(matches);
  const items = limit === 0 ? found : found.slice(0, limit);
  return { items, remaining: found.length - items.length };
}

function expiredList(revision: number, token: ContinueToken | undefined): Error {
  if (!token) return errors.expired(`The resourceVersion for the provided list is too old.`);
  return errors.expired(EXPIRED_CONTINUE, {
    continue: encodeToken({ ...token, revision: -1 }),
    resourceVersion: String(revision),
  });
}
