/** Which type Go expects where: an unquoted scalar becomes a text only where a text is expected. */
export type Shape =
  | 'text'
  | 'any'
  | { readonly fields: Readonly<Record<string, Shape>> }
  | { readonly entries: Shape }
  | { readonly items: Shape };

const texts = { entries: 'text' } as const;
const metadata: Shape = {
  fields: {
    name: 'text',
    generateName: 'text',
    namespace: 'text',
    selfLink: 'text',
    uid: 'text',
    resourceVersion: 'text',
    labels: texts,
    annotations: texts,
    finalizers: { items: 'text' },
  },
};

/** Shape of a Secret; `data` holds bytes, which are not coerced. */
export const SECRET_SHAPE: Shape = {
  fields: { apiVersion: 'text', kind: 'text', type: 'text', metadata, stringData: texts },
};

/** Shape of a SealedSecret; what is no text in encryptedData counts as empty later. */
export const SEALED_SECRET_SHAPE: Shape = {
  fields: {
    apiVersion: 'text',
    kind: 'text',
    metadata,
    spec: { fields: { template: { fields: { metadata, type: 'text', data: texts } } } },
  },
};

/** The shape of one field or item of a value. */
export function shapeOf(shape: Shape, key: string | number): Shape {
  if (typeof shape === 'string') return 'any';
  if ('entries' in shape) return shape.entries;
  if ('items' in shape) return typeof key === 'number' ? shape.items : 'any';
  return Object.hasOwn(shape.fields, key) ? (shape.fields[key] ?? 'any') : 'any';
}
