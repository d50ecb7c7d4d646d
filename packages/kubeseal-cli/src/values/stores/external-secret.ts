import { type Bytes, isObjectName, printable } from '@fuin/crypto-core';
import { readManifests } from '@fuin/manifests';
import { usageError } from '../../invocation/usage-error.ts';
import type { Warn } from '../../invocation/warnings.ts';
import { type Fields, fieldsOf, isObject, textsOf } from '../../io/fields.ts';
import { inputName } from '../inputs.ts';
import { itemsOfFields } from '../json-items.ts';
import { EXTERNAL_FIELDS, knownFields, unsupported } from './external-fields.ts';
import { type RemoteStore, withRemoteStore } from './external-stores.ts';
import { loadedFrom } from './secret-object.ts';
import type { KnownSecret, Store, StoreWorld } from './store.ts';

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
    const items = await withRemoteStore(store, world, (remote) => readAll(plan, noting(remote, world.warn)));
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
  const read = readerOf(origin);
  const { secretStoreRef, target, data, dataFrom } = read(spec, 'spec', 'spec');
  const { name = '', kind = 'SecretStore' } = read(secretStoreRef, 'storeRef', 'spec.secretStoreRef');
  return {
    storeRef: { name: String(name), kind: String(kind) },
    single: listOf(data).map((entry, at) => {
      const path = `spec.data[${at}]`;
      const { secretKey, remoteRef } = read(entry, 'data', path);
      if (typeof secretKey !== 'string') throw usageError(`${path}.secretKey of ${origin} is missing`);
      return { item: secretKey, from: refOf(remoteRef, `${path}.remoteRef`, read) };
    }),
    whole: listOf(dataFrom).map((entry, at) => {
      const path = `spec.dataFrom[${at}]`;
      return refOf(read(entry, 'dataFrom', path)['extract'], `${path}.extract`, read);
    }),
    secret: secretIn(fieldsOf(metadata), target, read),
  };
}

/** Reads an object of the file whose fields are those of a kind. */
type Read = (value: unknown, kind: keyof typeof EXTERNAL_FIELDS, path: string) => Fields;

function readerOf(origin: string): Read {
  return (value, kind, path) => knownFields(value, EXTERNAL_FIELDS[kind], origin, path);
}

function secretIn(own: Fields, targetField: unknown, read: Read): KnownSecret {
  const target = read(targetField, 'target', 'spec.target');
  const template = read(target['template'], 'template', 'spec.target.template');
  const templated = read(template['metadata'], 'metadata', 'spec.target.template.metadata');
  // without a template the operator copies those of the ExternalSecret
  const { labels, annotations } = target['template'] === undefined ? own : templated;
  const name = target['name'] ?? own['name'];
  if (typeof name !== 'string' || !isObjectName(name))
    throw usageError('the ExternalSecret names no Secret that Kubernetes allows');
  return {
    name,
    ...(typeof own['namespace'] === 'string' ? { namespace: own['namespace'] } : {}),
    ...(typeof template['type'] === 'string' ? { type: template['type'] } : {}),
    ...(target['immutable'] === true ? { immutable: true } : {}),
    labels: textsOf(labels),
    annotations: textsOf(annotations),
  };
}

function refOf(value: unknown, path: string, read: Read): RemoteRef {
  const { key, property = '', version = '' } = read(value, 'ref', path);
  if (typeof key !== 'string' || key === '') throw usageError(`${path}.key is missing`);
  return { key, property: String(property), version: String(version) };
}

/**
 * Says of each value where it is read: the file that chooses it may be someone else's. What is read once is
 * kept for its other properties, so that all are of one version.
 */
function noting(remote: RemoteStore, warn: Warn): RemoteStore {
  const note = <T extends { readonly origin: string }>(read: T): T => {
    warn(`note: read ${read.origin}`);
    return read;
  };
  const known = new Map<string, ReturnType<RemoteStore['fields']>>();
  return {
    value: async (key, version) => note(await remote.value(key, version)),
    fields: (key, version) => {
      const place = JSON.stringify([key, version]);
      const reading = known.get(place) ?? remote.fields(key, version).then(note);
      known.set(place, reading);
      return reading;
    },
  };
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

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
