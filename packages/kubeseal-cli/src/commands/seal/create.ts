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
import { formatManifest, orderSealedSecret } from '@fuin/manifests';
import { adviseOnSecret } from '../../input/advice.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { CREATE_FLAGS } from '../../invocation/flags/command-flags.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { isStream } from '../../io/files.ts';
import { writeNew } from '../../output/atomic-write.ts';
import { outputFormat, writeOutput } from '../../output/output.ts';
import { adviseOnHistory, adviseOnLineEnd } from '../../values/advice.ts';
import { ValueInputs } from '../../values/inputs.ts';
import { splitAtEquals } from '../../values/item-argument.ts';
import { fullTypeName, itemsForType } from '../../values/secret-types.ts';
import { type AskedItems, checkAskedItems, readItems } from '../../values/sources.ts';
import { checkDestinations, destinationsOf } from './destinations.ts';
import { type Order, orderOf } from './order.ts';

type Given = CommandLine<typeof CREATE_FLAGS>;

/** What the command line of `kubeseal create` stands for. */
interface Plan {
  readonly name: string;
  /** Empty where the command line does not say it. */
  readonly namespace: string;
  readonly asked: AskedItems;
  readonly metadata: Pick<Secret['metadata'], 'labels' | 'annotations'>;
  readonly type: string;
}

/** Reads a command line of `kubeseal create` without reading a file. @throws ERR_USAGE */
export function planOf({ flags, arguments: [target = '', ...items] }: Given): Plan {
  checkDestinations({ flags });
  outputFormat(flags['sealed-secret-file'], flags.format);
  const plan = {
    ...placeOf(target, flags.namespace),
    asked: {
      items,
      'env-file': flags['env-file'],
      'from-json': flags['from-json'],
      generate: flags.generate,
    },
    metadata: {
      labels: entriesOf(flags.label, '--label', isLabelValue),
      annotations: entriesOf(flags.annotation, '--annotation', () => true),
    },
    type: fullTypeName(flags.type),
  };
  checkAskedItems(plan.asked);
  return plan;
}

/**
 * `kubeseal create [NAMESPACE/]NAME [ITEM[=VALUE]]...`: makes a SealedSecret of values that stand in no
 * manifest, or one for each of several clusters. Values are asked for once, after everything else is known to
 * be in order.
 *
 * @throws ERR_USAGE, and the errors of openSealingKey
 */
export async function create(line: Given, world: CommandWorld): Promise<void> {
  const { io, warns, warn } = world;
  const plan = planOf(line);
  const orders: Order[] = [];
  for (const destination of await destinationsOf(line, plan, world))
    orders.push(await orderOf(line, plan, destination, warn));
  adviseOnHistory(plan.asked.items, io.stderr.isTty, warn);
  const given = await readItems(plan.asked, new ValueInputs(io));
  for (const [item, value] of given) adviseOnLineEnd(item, value, warn);
  const items = await itemsForType(plan.type, given);
  const data = Object.fromEntries([...items].map(([item, value]) => [item, encodeBase64(value)]));
  const made = [];
  for (const order of orders) {
    const { namespace, label } = order;
    const metadata = { ...plan.metadata, name: plan.name, ...(namespace ? { namespace } : {}) };
    const secret: Secret = { apiVersion: 'v1', kind: 'Secret', metadata, type: plan.type, data };
    if (warns) await adviseOnSecret(secret, label, warn);
    made.push(await fill(order, secret, !line.flags['no-note']));
  }
  // all are sealed before the first is written
  for (const { file, isMade, text, says } of made) {
    if (isMade) await writeNew(io.cwd, file, text);
    else await writeOutput(file, text, io);
    warn(says);
  }
}

/** Seals a Secret for one order. */
async function fill(order: Order, secret: Secret, hasNote: boolean) {
  const { file, isMade, sealer, scope, format, label, says } = order;
  const recipient = await sealer.recipientFor(file);
  const bare = await sealSecret(secret, recipient, scope);
  const sealed = hasNote ? withNote(bare, recipient.id) : bare;
  const names = Object.keys(sealed.spec.encryptedData).join(', ');
  const where = file === '' || isStream(file) ? '' : ` in ${file}`;
  const text = formatManifest(orderSealedSecret(sealed), format);
  return { file, isMade, text, says: `note: created ${label}${where} with ${names}${says}` };
}

/** The SealedSecret with a note of the key that sealed its items. */
function withNote(sealed: SealedSecret, key: string): SealedSecret {
  const { encryptedData } = sealed.spec;
  const note = sealingNote(encryptedData, new Map(Object.keys(encryptedData).map((item) => [item, key])));
  if (note === undefined) return sealed;
  const annotations = { ...sealed.metadata.annotations, [SEALING_NOTE]: note };
  return { ...sealed, metadata: { ...sealed.metadata, annotations } };
}

function placeOf(target: string, asked: string): Pick<Plan, 'name' | 'namespace'> {
  const [name = '', own = '', ...more] = target.split('/').reverse();
  if (more.length > 0 || !isObjectName(name) || (target.includes('/') && !isNamespaceName(own)))
    throw usageError(
      'the first argument is not [NAMESPACE/]NAME as Kubernetes allows it',
      'lower-case letters, digits and - are allowed, and . in the name',
    );
  if (asked !== '' && !isNamespaceName(asked)) throw usageError('-n is not the name of a namespace');
  if (own !== '' && asked !== '' && own !== asked)
    throw usageError(`the namespace is ${own} in ${target} and ${asked} in -n`);
  return { name, namespace: own || asked };
}

/** Entries of labels or annotations. */
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
