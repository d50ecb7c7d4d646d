import type { Actor } from '@fuin/audit';
import { withoutBookkeeping } from '@fuin/kube/cache';
import type { KubeObject } from '@fuin/kube/client';
import { recordOf } from '@fuin/kube/record';

/** Who changed the spec of the objects in a cache last. The cache itself keeps no managedFields. */
export class Actors {
  readonly #known = new WeakMap<object, Actor>();

  /** What the cache must keep of an object. */
  readonly keep = (object: KubeObject): KubeObject => {
    const actor = actorOf(object);
    const kept = withoutBookkeeping(object);
    if (actor) this.#known.set(kept, actor);
    return kept;
  };

  /** Undefined for an object that came another way. */
  of(object: object): Actor | undefined {
    return this.#known.get(object);
  }
}

/** The last entry of managedFields that owns something of the spec. Everything in it may be made up. */
export function actorOf({ metadata }: KubeObject): Actor | undefined {
  const { managedFields } = recordOf(metadata);
  if (!Array.isArray(managedFields)) return undefined;
  const entries = managedFields.map(recordOf).filter(isAboutSpec);
  const newest = entries.reduce((a, b) => (textOf(b['time']) >= textOf(a['time']) ? b : a), entries[0] ?? {});
  const [manager, operation, time] = ['manager', 'operation', 'time'].map((name) => textOf(newest[name]));
  if (!manager) return undefined;
  return { manager, ...(operation && { operation }), ...(time && { time }) };
}

function isAboutSpec({ subresource, fieldsV1 }: Readonly<Record<string, unknown>>): boolean {
  return !subresource && Object.hasOwn(recordOf(fieldsV1), 'f:spec');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
