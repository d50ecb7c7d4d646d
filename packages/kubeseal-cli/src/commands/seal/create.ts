import type { Secret } from '@fuin/crypto-core';
import { fullTypeName, type Items, itemsForType } from '@fuin/items';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { CREATE_FLAGS } from '../../invocation/flags/command-flags.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { isStream } from '../../io/files.ts';
import type { Io } from '../../io/io.ts';
import { outputFormat } from '../../output/output.ts';
import { signerOf } from '../../signature/signer.ts';
import { adviseOnHistory, adviseOnLineEnd } from '../../values/advice.ts';
import { checkKeyPair } from '../../values/check-key-pair.ts';
import { parseGeneratedItem } from '../../values/generators.ts';
import { ValueInputs } from '../../values/inputs.ts';
import { type AskedItems, checkAskedItems, readItems, refuseTooMuch } from '../../values/sources.ts';
import { checkDestinations, destinationsOf } from './destinations.ts';
import { metadataOf, type Place, placeOf, sealOrders, secretOf } from './new-secret.ts';
import { type Order, orderOf } from './order.ts';
import { checkTemplates, readTemplates, renderTemplates } from './templates.ts';

type Given = CommandLine<typeof CREATE_FLAGS>;

/** What the command line of `kubeseal create` stands for. */
interface Plan extends Place {
  readonly asked: AskedItems;
  readonly templates: readonly string[];
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
    templates: flags.template,
    metadata: metadataOf(flags),
    type: fullTypeName(flags.type),
  };
  checkTemplates(flags.template, checkAskedItems(plan.asked));
  refusePrintingTwice(flags);
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
  const { io, warn } = world;
  const plan = planOf(line);
  const orders: Order[] = [];
  for (const destination of await destinationsOf(line, plan, world))
    orders.push(await orderOf(line, plan, destination, warn));
  adviseOnHistory(plan.asked.items, io.stderr.isTty, warn);
  const inputs = new ValueInputs(io);
  const templates = await readTemplates(plan.templates, inputs);
  const given = await readItems(plan.asked, inputs);
  for (const [item, value] of given) adviseOnLineEnd(item, value, warn);
  const items = await itemsFor(plan.type, given, await renderTemplates(templates, given, warn));
  const secretFor = ({ namespace }: Pick<Place, 'namespace'>) =>
    secretOf({ name: plan.name, namespace }, items, plan);
  const signer = signerOf(line.flags.sign, io);
  await sealOrders(orders, secretFor, { hasNote: !line.flags['no-note'], templates, signer }, world);
  if (line.flags['print-public']) await printPublic(plan.asked, items, io);
}

/** The items to seal: of the type, where what templates print counts too. */
async function itemsFor(type: string, given: Items, rendered: Items): Promise<Items> {
  const all = await itemsForType(type, new Map([...given, ...rendered]), checkKeyPair);
  const bytes = [...all.values()].reduce((sum, { length }) => sum + length, 0);
  refuseTooMuch(bytes, [...all.keys()].at(-1) ?? '');
  return new Map([...all].filter(([item]) => !rendered.has(item)));
}

/** @throws ERR_USAGE where the SealedSecret and public keys would both be on stdout */
function refusePrintingTwice(flags: Given['flags']): void {
  if (!flags['print-public']) return;
  const file = flags['sealed-secret-file'];
  if (!flags.all && flags.for === '' && (file === '' || isStream(file)))
    throw usageError('--print-public needs a file for the SealedSecret', 'give -w FILE');
  if (publicNames(flags.generate).length === 0)
    throw usageError('--print-public needs a key pair', 'give --generate ITEM=ssh or ITEM=tls:NAME');
}

/** Prints the public halves of generated key pairs, so that they can be registered. */
async function printPublic(asked: AskedItems, items: Items, { stdout }: Pick<Io, 'stdout'>): Promise<void> {
  for (const name of publicNames(asked.generate)) await stdout.write(items.get(name) ?? '');
}

function publicNames(words: readonly string[]): string[] {
  return words.flatMap((word) => parseGeneratedItem(word).publicName ?? []);
}
