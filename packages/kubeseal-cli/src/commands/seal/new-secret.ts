import {
  encodeBase64,
  isLabelValue,
  isMetadataKey,
  isNamespaceName,
  isObjectName,
  SEALING_NOTE,
  type SealedSecret,
  type Secret,
  sealingNote,
  sealSecret,
} from '@fuin/crypto-core';
import type { Items } from '@fuin/items';
import { formatManifest, orderSealedSecret } from '@fuin/manifests';
import { adviseOnSecret } from '../../input/advice.ts';
import type { CommandWorld } from '../../invocation/command.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { isStream } from '../../io/files.ts';
import type { Io } from '../../io/io.ts';
import { writeNew } from '../../output/atomic-write.ts';
import { writeOutput } from '../../output/output.ts';
import { splitAtEquals } from '../../values/item-argument.ts';
import { type Signer, withSignature } from '../access/signature/signer.ts';
import { refuseExisting } from './destinations.ts';
import type { Order } from './order.ts';
import { type Templates, withTemplates } from './templates.ts';

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

/** A Secret of these items. @param about everything else that is known of it */
export function secretOf(
  { name, namespace }: Place,
  items: Items,
  { metadata, type, immutable }: Pick<Partial<Secret>, 'metadata' | 'type' | 'immutable'>,
): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { ...metadata, name, ...(namespace ? { namespace } : {}) },
    ...(type === undefined ? {} : { type }),
    ...(immutable === undefined ? {} : { immutable }),
    data: Object.fromEntries([...items].map(([item, value]) => [item, encodeBase64(value)])),
  };
}

/** A SealedSecret that is sealed and not yet written. */
interface SealedOrder extends Pick<Order, 'file' | 'isMade'> {
  readonly text: string;
  /** For messages: `shop/db in db.yaml with password`. */
  readonly what: string;
}

/** What a SealedSecret has beside its items. */
interface Additions {
  /** Whether an annotation says which key sealed the items. */
  readonly hasNote: boolean;
  readonly templates?: Templates;
  /** Signs it; undefined signs nothing. */
  readonly signer?: Signer | undefined;
}

/** Seals a Secret for each order. Nothing is written before all are sealed. */
export async function sealOrders(
  orders: readonly Order[],
  secretFor: (place: { readonly namespace: string }) => Secret,
  additions: Additions,
  { io, warns, warn }: Pick<CommandWorld, 'io' | 'warns' | 'warn'>,
): Promise<void> {
  const sealed: SealedOrder[] = [];
  for (const order of orders) {
    const secret = secretFor(order);
    if (warns) await adviseOnSecret(secret, order.label, warn);
    sealed.push(await sealOrder(order, secret, additions));
  }
  for (const each of sealed) {
    await writeSealed(each, io);
    warn(`note: created ${each.what}`);
  }
}

/** Seals a Secret for one order. */
async function sealOrder(
  order: Order,
  secret: Secret,
  { hasNote, templates = new Map(), signer }: Additions,
): Promise<SealedOrder> {
  const { file, isMade, sealer, scope, format } = order;
  const recipient = await sealer.recipientFor(file);
  const terms = await sealer.formatFor(file);
  const bare = withTemplates(await sealSecret(secret, recipient, scope, terms), templates);
  const noted = hasNote ? withNote(bare, recipient.id) : bare;
  const sealed = signer ? await withSignature(noted, signer) : noted;
  const text = formatManifest(orderSealedSecret(sealed), format);
  return { file, isMade, text, what: createdAs(order, sealed, templates) };
}

/** How messages call a new SealedSecret: `shop/db in db.yaml with password`. */
export function createdAs(
  { file, label, says }: Order,
  { spec }: SealedSecret,
  templates: Templates,
): string {
  const names = [...Object.keys(spec.encryptedData), ...templates.keys()].join(', ');
  const where = file === '' || isStream(file) ? '' : ` in ${file}`;
  return `${label}${where} with ${names}${says}`;
}

/**
 * Writes it to its file or to stdout.
 *
 * @throws ERR_USAGE where the file has come into being since it was looked for, while values were asked for
 */
async function writeSealed({ file, isMade, text }: SealedOrder, io: Io): Promise<void> {
  await refuseExisting(file, io.cwd, isMade);
  if (isMade) await writeNew(io.cwd, file, text);
  else await writeOutput(file, text, io);
}

/** The SealedSecret with a note of the key that sealed its items. */
function withNote(sealed: SealedSecret, key: string): SealedSecret {
  const { encryptedData } = sealed.spec;
  const note = sealingNote(encryptedData, new Map(Object.keys(encryptedData).map((item) => [item, key])));
  if (note === undefined) return sealed;
  return withAnnotation(sealed, SEALING_NOTE, note);
}

function withAnnotation(sealed: SealedSecret, name: string, text: string): SealedSecret {
  const annotations = { ...sealed.metadata.annotations, [name]: text };
  return { ...sealed, metadata: { ...sealed.metadata, annotations } };
}
