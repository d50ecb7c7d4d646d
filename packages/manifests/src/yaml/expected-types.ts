/**
 * The type that Go expects in a place. An unquoted scalar becomes a string only where Go expects a string,
 * not where it expects bytes in base64. Null stays null, and has a meaning only for `string or null`.
 */
export type Shape =
  | 'string'
  | 'string or null'
  | 'base64'
  | 'any'
  | { readonly fields: Readonly<Record<string, Shape>> }
  | { readonly entries: Shape }
  | { readonly items: Shape };

type Fields = Readonly<Record<string, unknown>>;

const strings = { entries: 'string' } as const;
const metadata: Shape = {
  fields: {
    name: 'string',
    generateName: 'string',
    namespace: 'string',
    selfLink: 'string',
    uid: 'string',
    resourceVersion: 'string',
    labels: strings,
    annotations: strings,
    finalizers: { items: 'string' },
  },
};

const SECRET_FIELDS: Readonly<Record<string, Shape>> = {
  apiVersion: 'string',
  kind: 'string',
  type: 'string',
  metadata,
  data: { entries: 'base64' },
  stringData: strings,
  immutable: 'any',
};

/** Shape of a Secret or of a List of them. It names all fields that count, for withOwnNames. */
export const SECRET_SHAPE: Shape = orListOf(SECRET_FIELDS);

/**
 * Shape of a SealedSecret or of a List of them; an entry of encryptedData that is not a string counts as
 * empty later.
 */
export const SEALED_SECRET_SHAPE: Shape = orListOf({
  apiVersion: 'string',
  kind: 'string',
  metadata,
  spec: {
    fields: {
      encryptedData: { entries: 'base64' },
      template: { fields: { metadata, type: 'string', data: { entries: 'string or null' } } },
    },
  },
});

/** The fields of both, and the places where people put plaintext by mistake. */
export const CHECKED_SHAPE: Shape = {
  fields: {
    ...SECRET_FIELDS,
    items: 'any',
    spec: {
      fields: {
        encryptedData: 'any',
        data: 'any',
        stringData: 'any',
        template: { fields: { metadata, data: 'any', stringData: 'any' } },
      },
    },
  },
};

function orListOf(fields: Readonly<Record<string, Shape>>): Shape {
  return { fields: { ...fields, items: { items: { fields } } } };
}

/** The shape of one field or item of a value. */
export function shapeOf(shape: Shape, key: string | number): Shape {
  if (typeof shape === 'string') return 'any';
  if ('entries' in shape) return shape.entries;
  if ('items' in shape) return typeof key === 'number' ? shape.items : 'any';
  const name = fieldName(shape.fields, String(key));
  return Object.hasOwn(shape.fields, name) ? (shape.fields[name] ?? 'any') : 'any';
}

/**
 * A value with its fields under their own names: the case does not matter (`Data` is `data`), like in Go's
 * encoding/json. A field that is written in several ways is merged in the order of Go's map printer.
 */
export function withOwnNames(value: Fields, shape: Shape): Fields {
  if (typeof shape === 'string' || !('fields' in shape)) return value;
  const result = new Map<string, unknown>();
  for (const [key, field] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
    const name = fieldName(shape.fields, key);
    const fresh = isObject(field) ? withOwnNames(field, shapeOf(shape, name)) : field;
    const earlier = result.get(name);
    result.set(name, isObject(earlier) && isObject(fresh) ? { ...earlier, ...fresh } : fresh);
  }
  return Object.fromEntries(result);
}

function fieldName(fields: Readonly<Record<string, Shape>>, key: string): string {
  if (Object.hasOwn(fields, key)) return key;
  const lowerCase = key.toLowerCase();
  return Object.keys(fields).find((name) => name.toLowerCase() === lowerCase) ?? key;
}

/** Whether a value is a map: neither a list nor a scalar. */
export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
