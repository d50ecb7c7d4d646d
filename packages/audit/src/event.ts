import { type AuditKind, MAX_ITEMS, MAX_KEYS, MAX_TEXT_LENGTH } from './kinds.ts';

/** The object that an event is about. */
export interface AuditObject {
  readonly kind: 'SealedSecret' | 'Secret';
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string | undefined;
  readonly generation?: number | undefined;
  readonly resourceVersion?: string | undefined;
}

/** Who changed an object, as far as Kubernetes says: a name that the client chose. */
export interface Actor {
  readonly manager: string;
  /** `Apply` or `Update` */
  readonly operation?: string | undefined;
  readonly time?: string | undefined;
}

/** Bytes behind the last whole line. */
export interface Torn {
  readonly bytes: number;
  readonly sha256: string;
}

/** What happened. Never a value, a ciphertext or a hash of one. */
export interface AuditEvent {
  readonly kind: AuditKind;
  readonly object?: AuditObject | undefined;
  readonly items?: readonly string[] | undefined;
  readonly keys?: readonly string[] | undefined;
  readonly key?: string | undefined;
  readonly action?: 'create' | 'update' | 'delete' | 'repair' | 'warn' | undefined;
  readonly reason?: string | undefined;
  readonly actor?: Actor | undefined;
  readonly identity?: string | undefined;
  readonly version?: string | undefined;
  readonly torn?: Torn | undefined;
  readonly route?: string | undefined;
  readonly peer?: string | undefined;
  readonly code?: number | undefined;
  readonly count?: number | undefined;
  readonly objects?: Readonly<Record<string, number>> | undefined;
}

/**
 * The event with lists and texts of bounded length. Names may come from an attacker. What is not given is
 * left out.
 */
export function bounded({ kind, items, keys, ...event }: AuditEvent): object {
  return {
    kind,
    ...(cutTexts(event) as object),
    ...(items && { items: items.slice(0, MAX_ITEMS).map(cut).sort(), itemCount: items.length }),
    ...(keys && { keys: keys.slice(0, MAX_KEYS).map(cut) }),
  };
}

/** Events are flat but for objects of one level. */
function cutTexts(value: unknown): unknown {
  if (typeof value === 'string') return cut(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, child]) => [name, cutTexts(child)]));
}

function cut(text: string): string {
  return text.length <= MAX_TEXT_LENGTH ? text : `${text.slice(0, MAX_TEXT_LENGTH)}...`;
}
