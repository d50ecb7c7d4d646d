import { encodeUtf8 } from '@fuin/crypto-core';
import type { Ordered } from './yaml/write-yaml.ts';

/**
 * Fields of a Go struct in their order. Null stands for a map, a list or a scalar, anything else is a struct.
 */
interface Struct {
  readonly [field: string]: Struct | null;
}

const METADATA: Struct = {
  name: null,
  generateName: null,
  namespace: null,
  selfLink: null,
  uid: null,
  resourceVersion: null,
  generation: null,
  creationTimestamp: null,
  deletionTimestamp: null,
  deletionGracePeriodSeconds: null,
  labels: null,
  annotations: null,
  ownerReferences: null,
  finalizers: null,
  managedFields: null,
};

const SEALED_SECRET: Struct = {
  kind: null,
  apiVersion: null,
  metadata: METADATA,
  spec: {
    template: { metadata: METADATA, type: null, immutable: null, data: null },
    data: null,
    encryptedData: null,
  },
  status: { observedGeneration: null, conditions: null },
};

const SECRET: Struct = {
  kind: null,
  apiVersion: null,
  metadata: METADATA,
  immutable: null,
  data: null,
  stringData: null,
  type: null,
};

/** A SealedSecret with its fields in the order of upstream's JSON, maps sorted. */
export function orderSealedSecret(value: object): Ordered {
  return order(value, SEALED_SECRET);
}

/** A Secret with its fields in the order of upstream's JSON, maps sorted. */
export function orderSecret(value: object): Ordered {
  return order(value, SECRET);
}

/**
 * Known fields first, in struct order; the rest sorted by code points. JavaScript alone would put
 * integer-like keys first.
 */
function order(value: unknown, struct: Struct | null): Ordered {
  if (Array.isArray(value)) return value.map((item) => order(item, null));
  if (typeof value !== 'object' || value === null) return scalar(value);
  const known = struct ? Object.keys(struct).filter((key) => Object.hasOwn(value, key)) : [];
  const others = Object.keys(value).filter((key) => !known.includes(key));
  const keys = [...known, ...others.sort(compareCodePoints)];
  const fields = value as Readonly<Record<string, unknown>>;
  const present = keys.filter((key) => fields[key] !== undefined);
  return new Map(
    present.map((key) => [
      key,
      order(fields[key], struct && known.includes(key) ? (struct[key] ?? null) : null),
    ]),
  );
}

function scalar(value: unknown): Ordered {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

/** UTF-8 byte order, in which Go sorts; UTF-16 order differs beyond the basic plane. */
function compareCodePoints(a: string, b: string): number {
  const [left, right] = [encodeUtf8(a), encodeUtf8(b)];
  const at = left.findIndex((byte, index) => byte !== right[index]);
  return at < 0 ? left.length - right.length : (left[at] ?? 0) - (right[at] ?? -1);
}
