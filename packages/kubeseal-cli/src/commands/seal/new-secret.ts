import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  encodeBase64,
  isLabelValue,
  isMetadataKey,
  isNamespaceName,
  isObjectName,
  type Recipient,
  type Scope,
  type Secret,
  sealSecret,
} from '@fuin/crypto-core';
import { formatManifest, orderSealedSecret } from '@fuin/manifests';
import { adviseOnSecret } from '../../input/advice.ts';
import { adviseOnNamespace } from '../../input/secrets.ts';
import type { CommandWorld } from '../../invocation/command.ts';
import type { Sealing } from '../../invocation/invocation.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { isStream } from '../../io/files.ts';
import { checkWritable } from '../../output/atomic-write.ts';
import { outputFormat, writeOutput } from '../../output/output.ts';
import { splitAtEquals } from '../../values/item-argument.ts';
import type { Items } from '../../values/secret-types.ts';

/** Where a new Secret will be. */
export interface Place {
  readonly name: string;
  /** Empty where the command line does not say it. */
  readonly namespace: string;
}

/**
 * Reads `[NAMESPACE/]NAME`.
 *
 * @param asked value of --namespace
 * @param which argument it is, for messages
 * @throws ERR_USAGE
 */
export function placeOf(target: string, asked: string, which = 'first'): Place {
  const [name = '', own = '', ...more] = target.split('/').reverse();
  if (more.length > 0 || !isObjectName(name) || (target.includes('/') && !isNamespaceName(own)))
    throw usageError(
      `the ${which} argument is not [NAMESPACE/]NAME as Kubernetes allows it`,
      'lower-case letters, digits and - are allowed, and . in the name',
    );
  if (asked !== '' && !isNamespaceName(asked)) throw usageError('-n is not the name of a namespace');
  if (own !== '' && asked !== '' && own !== asked)
    throw usageError(`the namespace is ${own} in ${target} and ${asked} in -n`);
  return { name, namespace: own || asked };
}

/** The labels and annotations that flags ask for. @throws ERR_USAGE */
export function metadataOf(flags: {
  readonly label: readonly string[];
  readonly annotation: readonly string[];
}): Required<Pick<Secret['metadata'], 'labels' | 'annotations'>> {
  return {
    labels: entriesOf(flags.label, '--label', isLabelValue),
    annotations: entriesOf(flags.annotation, '--annotation', () => true),
  };
}

function entriesOf(
  texts: readonly string[],
  flag: string,
  isValue: (value: string) => boolean,
): Record<string, string> {
  const entries = new Map<string, string>();
  for (const text of texts) {
    const { key, value } = splitAtEquals(text);
    if (value === undefined || !isMetadataKey(key) || !isValue(value))
      throw usageError(`${flag} is not KEY=VALUE as Kubernetes allows it`);
    if (entries.has(key)) throw usageError(`${flag} gives ${key} twice`);
    entries.set(key, value);
  }
  return Object.fromEntries(entries);
}

/** @throws ERR_USAGE where -w names a file that exists: a new SealedSecret never loses items of another */
export async function refuseExisting(file: string, cwd: string): Promise<void> {
  if (file === '' || isStream(file)) return;
  await checkWritable(cwd, file);
  const existing = await stat(resolve(cwd, file)).catch(() => undefined);
  if (existing?.isFile() && existing.size > 0)
    throw usageError(`${file} exists already`, 'delete it first, or name another file');
}

/** The namespace of the kubeconfig's context, with a note. @throws ERR_USAGE where there is none */
export async function contextNamespace(
  { kubeconfig, warn }: Pick<Sealing, 'kubeconfig' | 'warn'>,
  name: string,
): Promise<string> {
  const namespace = await kubeconfig.namespace().catch(() => '');
  adviseOnNamespace(namespace, name, warn);
  if (namespace) return namespace;
  throw usageError(`the namespace of ${name} is missing`, `write NAMESPACE/${name}, or give -n`);
}

/** A Secret of these items. @param about everything else that is known of it */
export function secretOf({ name, namespace }: Place, items: Items, about: Partial<Secret>): Secret {
  return {
    ...about,
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...about.metadata, name, ...(namespace ? { namespace } : {}) },
    data: Object.fromEntries([...items].map(([item, value]) => [item, encodeBase64(value)])),
  };
}

/** Where the SealedSecret goes, and for whom. */
interface SealFlags {
  readonly 'sealed-secret-file': string;
  readonly format: string;
  readonly scope: Scope;
}

/**
 * Seals a new Secret and writes it.
 *
 * @returns how messages call it, and where it is: `shop/db in db.yaml`
 */
export async function sealAndWrite(
  secret: Secret,
  recipient: Recipient,
  { 'sealed-secret-file': file, format, scope }: SealFlags,
  { io, warns, warn }: CommandWorld,
): Promise<string> {
  const sealed = await sealSecret(secret, recipient, scope);
  const { name = '', namespace } = secret.metadata;
  const label = namespace ? `${namespace}/${name}` : name;
  if (warns) await adviseOnSecret(secret, label, warn);
  await writeOutput(file, formatManifest(orderSealedSecret(sealed), outputFormat(file, format)), io);
  return file === '' || isStream(file) ? label : `${label} in ${file}`;
}
