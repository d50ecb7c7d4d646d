import { type Bytes, isObjectName, printable } from '@fuin/crypto-core';
import { readManifests } from '@fuin/manifests';
import { usageError } from '../../invocation/usage-error.ts';
import { inputName } from '../inputs.ts';
import { itemsOfFields } from '../json-items.ts';
import { type RemoteStore, withRemoteStore } from './external-stores.ts';
import { loadedFrom } from './secret-object.ts';
import { type Fields, fieldsOf, isObject, type KnownSecret, type Store, type StoreWorld } from './store.ts';

const GROUP = /^external-secrets\.io\/v1(?:beta1)?$/;

/** An ExternalSecret: what it names is read from where its SecretStore says, as the user of this machine. */
export const EXTERNAL_SECRET: Store = {
  usage: 'external-secret:FILE',
  summary:
    'What an ExternalSecret of External Secrets Operator names. Its SecretStore or ClusterSecretStore stands in the same file, or in one of --secret-store',
  check: (file) => {
    if (file === '') throw usageError('external-secret: needs the name of a file');
  },
  load: async (file, world) => {
    const origin = inputName(file);
    const own = await objectsIn(file, world);
    const [external, ...more] = own.filter(({ kind }) => kind === 'ExternalSecret');
    if (!external || more.length > 0) throw usageError(`${origin} does not hold exactly one ExternalSecret`);
    const others = await Promise.all(world.secretStores.map((each) => objectsIn(each, world)));
    const plan = planOf(external, origin);
    const store = storeNamed(plan.storeRef, [...own, ...others.flat()], origin);
    const items = await withRemoteStore(store, world, (remote) => readAll(plan, remote));
    const { type, immutable, ...metadata } = plan.secret;
    const { secret = {} } = loadedFrom({ metadata, type, immutable }, origin, world.warn);
    return { origin: `${plan.storeRef.kind} ${plan.storeRef.name}, by ${origin}`, items, secret };
  },
};

/** Where one value stands in a store. */
interface RemoteRef {
  readonly key: string;
  readonly property: string;
  readonly version: string;
}

interface Plan {
  readonly storeRef: { readonly kind: string; readonly name: string };
  /** Values that become items one by one. */
  readonly single: readonly { readonly item: string; readonly from: RemoteRef }[];
  /** Objects of which every field becomes an item. */
  readonly whole: readonly RemoteRef[];
  readonly secret: KnownSecret;
}

async function objectsIn(file: string, { inputs }: StoreWorld): Promise<Fields[]> {
  const { documents } = await readManifests(await inputs.bytes(file), inputName(file), 'any');
  return documents.map(({ value }) => value);
}

function planOf({ apiVersion, metadata, spec }: Fields, origin: string): Plan {
  if (!GROUP.test(String(apiVersion)))
    throw unsupported(origin, `apiVersion ${printable(String(apiVersion).slice(0, 100))}`);
  const own = fieldsOf(metadata);
  const fields = known(spec, `${origin}: spec`, SPEC_FIELDS);
  const { name = '', kind = 'SecretStore' } = known(
    fields['secretStoreRef'],
    `${origin}: spec.secretStoreRef`,
    {
      name: ANY,
      kind: ANY,
    },
  );
  const target = known(fields['target'], `${origin}: spec.target`, TARGET_FIELDS);
  const template = known(target['template'], `${origin}: spec.target.template`, TEMPLATE_FIELDS);
  const templated = known(template['metadata'], `${origin}: spec.target.template.metadata`, {
    labels: ANY,
    annotations: ANY,
  });
  const { labels, annotations } = target['template'] === undefined ? own : templated;
  const secretName = target['name'] ?? own['name'];
  if (typeof secretName !== 'string' || !isObjectName(secretName))
    throw usageError(`${origin} names no Secret that Kubernetes allows`);
  return {
    storeRef: { name: String(name), kind: String(kind) },
    single: listOf(fields['data']).map((entry, at) => singleOf(entry, `${origin}: spec.data[${at}]`)),
    whole: listOf(fields['dataFrom']).map((entry, at) => {
      const place = `${origin}: spec.dataFrom[${at}]`;
      return refOf(known(entry, place, { extract: ANY })['extract'], `${place}.extract`);
    }),
    secret: {
      name: secretName,
      ...(typeof own['namespace'] === 'string' ? { namespace: own['namespace'] } : {}),
      ...(typeof template['type'] === 'string' ? { type: template['type'] } : {}),
      ...(target['immutable'] === true ? { immutable: true } : {}),
      labels: textsOf(labels),
      annotations: textsOf(annotations),
    },
  };
}

function singleOf(entry: unknown, place: string) {
  const { secretKey, remoteRef } = known(entry, place, { secretKey: ANY, remoteRef: ANY });
  if (typeof secretKey !== 'string') throw usageError(`${place}.secretKey is missing`);
  return { item: secretKey, from: refOf(remoteRef, `${place}.remoteRef`) };
}

function refOf(value: unknown, place: string): RemoteRef {
  const { key, property = '', version = '' } = known(value, place, REF_FIELDS);
  if (typeof key !== 'string' || key === '') throw usageError(`${place}.key is missing`);
  return { key, property: String(property), version: String(version) };
}

/** dataFrom first, then data, which wins, like the operator. */
async function readAll({ single, whole }: Plan, remote: RemoteStore): Promise<Map<string, Bytes>> {
  const items = new Map<string, Bytes>();
  for (const { key, property, version } of whole) {
    const { fields, origin } = await remote.fields(key, version);
    const inner = property === '' ? fields : valueAt(fields, property, origin);
    if (!isObject(inner)) throw usageError(`${property} of ${origin} is no map of items`);
    for (const [item, value] of itemsOfFields(inner, origin, () => true)) {
      const converted = item.replaceAll(/[^-._a-zA-Z0-9]/g, '_'); // conversionStrategy Default
      items.set(converted, value);
    }
  }
  for (const { item, from } of single) items.set(item, await remoteValue(from, remote));
  return items;
}

async function remoteValue({ key, property, version }: RemoteRef, remote: RemoteStore): Promise<Bytes> {
  if (property === '') return (await remote.value(key, version)).value;
  const { fields, origin } = await remote.fields(key, version);
  const value = valueAt(fields, property, origin);
  const [bytes] = itemsOfFields({ [property]: value }, origin, () => true).values();
  if (bytes) return bytes;
  throw usageError(`${origin} has no ${property}`);
}

/** A field by its name, or by a path with dots. Other forms of paths are refused. */
function valueAt(fields: Fields, property: string, origin: string): unknown {
  if (Object.hasOwn(fields, property)) return fields[property];
  if (!/^[\w-]+(\.[\w-]+)*$/.test(property)) throw unsupported(origin, `property ${printable(property)}`);
  let at: unknown = fields;
  for (const part of property.split('.')) {
    if (!isObject(at) || !Object.hasOwn(at, part))
      throw usageError(`${origin} has no property ${printable(property)}`);
    at = at[part];
  }
  return at;
}

function storeNamed({ kind, name }: Plan['storeRef'], objects: readonly Fields[], origin: string): Fields {
  const store = objects.find(
    (object) => object['kind'] === kind && fieldsOf(object['metadata'])['name'] === name,
  );
  if (store) return store;
  throw usageError(
    `${origin} names the ${printable(kind)} ${printable(name)}, which is in no given file`,
    'give its manifest with --secret-store FILE: kubectl get secretstore,clustersecretstore -A -o yaml',
  );
}

/** Any value is fine; a list names the only values that change nothing here. */
const ANY = undefined;
type Known = Readonly<Record<string, readonly unknown[] | undefined>>;
const SPEC_FIELDS: Known = {
  refreshInterval: ANY,
  refreshPolicy: ANY,
  secretStoreRef: ANY,
  target: ANY,
  data: ANY,
  dataFrom: ANY,
};
const TARGET_FIELDS: Known = {
  name: ANY,
  creationPolicy: ['Owner', 'Orphan'],
  deletionPolicy: ANY,
  immutable: ANY,
  template: ANY,
};
const TEMPLATE_FIELDS: Known = {
  type: ANY,
  metadata: ANY,
  engineVersion: ['v2'],
  mergePolicy: ['Replace', 'Merge'],
};
const REF_FIELDS: Known = {
  key: ANY,
  property: ANY,
  version: ANY,
  conversionStrategy: ['Default'],
  decodingStrategy: ['None'],
  metadataPolicy: ['None'],
  nullBytePolicy: ['Ignore'],
};

/** The fields of an object of which every field must be known. @throws ERR_USAGE naming another one */
function known(value: unknown, place: string, fields: Known): Fields {
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw usageError(`${place} is not an object`);
  for (const [field, given] of Object.entries(value)) {
    const path = `${place.slice(place.indexOf(': ') + 2)}.${printable(field)}`;
    if (!Object.hasOwn(fields, field)) throw unsupported(place.slice(0, place.indexOf(': ')), path);
    const allowed = fields[field];
    if (allowed && !allowed.includes(given))
      throw unsupported(place.slice(0, place.indexOf(': ')), `${path} other than ${allowed.join(' or ')}`);
  }
  return value;
}

function unsupported(origin: string, what: string) {
  return usageError(
    `${origin} has ${what}, which import cannot do`,
    'import the Secret that the operator made instead: kubeseal import secret:NAMESPACE/NAME',
  );
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textsOf(value: unknown): Record<string, string> {
  const entries = Object.entries(fieldsOf(value));
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
