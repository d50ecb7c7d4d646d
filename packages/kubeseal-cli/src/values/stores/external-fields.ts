import { printable } from '@fuin/crypto-core';
import { usageError } from '../../invocation/usage-error.ts';
import { type Fields, isObject } from '../../io/fields.ts';

/** Fields that may stand in an object: undefined for any value, else the values that change nothing here. */
type Known = Readonly<Record<string, readonly unknown[] | undefined>>;

/** What import knows of an ExternalSecret. */
export const EXTERNAL_FIELDS = {
  spec: {
    refreshInterval: undefined,
    refreshPolicy: undefined,
    secretStoreRef: undefined,
    target: undefined,
    data: undefined,
    dataFrom: undefined,
  },
  storeRef: { name: undefined, kind: undefined },
  target: {
    name: undefined,
    creationPolicy: ['Owner', 'Orphan'],
    deletionPolicy: undefined,
    immutable: undefined,
    template: undefined,
  },
  template: {
    type: undefined,
    metadata: undefined,
    engineVersion: ['v2'],
    mergePolicy: ['Replace', 'Merge'],
  },
  metadata: { labels: undefined, annotations: undefined },
  data: { secretKey: undefined, remoteRef: undefined },
  dataFrom: { extract: undefined },
  ref: {
    key: undefined,
    property: undefined,
    version: undefined,
    conversionStrategy: ['Default'],
    decodingStrategy: ['None'],
    metadataPolicy: ['None'],
    nullBytePolicy: ['Ignore'],
  },
} as const satisfies Readonly<Record<string, Known>>;

/**
 * The fields of an object of which every field must be known.
 *
 * @param origin the file, for messages
 * @param path where the object stands in it
 * @throws ERR_USAGE naming a field that import cannot do
 */
export function knownFields(value: unknown, fields: Known, origin: string, path: string): Fields {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw usageError(`${path} of ${origin} is not an object`);
  for (const [field, given] of Object.entries(value)) {
    const own = `${path}.${printable(field)}`;
    if (!Object.hasOwn(fields, field)) throw unsupported(origin, own);
    const allowed = fields[field];
    if (allowed && !allowed.includes(given))
      throw unsupported(origin, `${own} other than ${allowed.join(' or ')}`);
  }
  return value;
}

/** The error for what import cannot do. */
export function unsupported(origin: string, what: string) {
  return usageError(
    `${origin} has ${what}, which import cannot do`,
    'import the Secret that the operator made instead: kubeseal import secret:NAMESPACE/NAME',
  );
}
