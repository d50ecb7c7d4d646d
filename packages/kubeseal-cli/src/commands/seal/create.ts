import { encodeUtf8, type Secret } from '@fuin/crypto-core';
import { fullTypeName, type Items, itemsForType } from '@fuin/items';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { CREATE_FLAGS } from '../../invocation/flags/command-flags.ts';
import { usageError } from '../../invocation/usage-error.ts';
import type { Io } from '../../io/io.ts';
import { changesAsJson } from '../../output/changes.ts';
import { outputFormat } from '../../output/output.ts';
import { adviseOnHistory, adviseOnLineEnd } from '../../values/advice.ts';
import { checkKeyPair } from '../../values/check-key-pair.ts';
import { parseGeneratedItem } from '../../values/generators.ts';
import { ValueInputs } from '../../values/inputs.ts';
import { type AskedItems, asksFor, checkAskedItems, readItems, refuseTooMuch } from '../../values/sources.ts';
import { signerOf } from '../access/signature/signer.ts';
import { checkDestinations, destinationsOf, goesToStdout } from './destinations.ts';
import { metadataOf, type Place, placeOf, sealOrders, secretOf } from './new-secret.ts';
import { type Order, orderOf } from './order.ts';
import { checkTemplates, readTemplates, refuseLeaks, renderTemplates, type Templates } from './templates.ts';

type Given = CommandLine<typeof CREATE_FLAGS>;

/** Stands for what a person would type in a dry run: JSON, which some types ask for. */
const UNTYPED = '{}';

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
      'from-env-file': flags['from-env-file'],
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
  const { flags } = line;
  const orders = await ordersOf(line, plan, world);
  adviseOnHistory(plan.asked.items, io.stderr.isTty, warn);
  const { items, templates } = await readAll(plan, flags['dry-run'], world);
  const secretFor = ({ namespace }: Pick<Place, 'namespace'>) =>
    secretOf({ name: plan.name, namespace }, items, plan);
  if (flags['dry-run']) {
    const { previewOrders } = await import('./preview.ts');
    await previewOrders(orders, secretFor, { templates, showsDiff: !flags.json }, world);
  } else {
    const signer = signerOf(flags.sign, io);
    await sealOrders(orders, secretFor, { hasNote: !flags['no-note'], templates, signer }, world);
  }
  if (flags.json)
    await io.stdout.write(
      createdAsJson(orders, plan.name, [...items.keys(), ...templates.keys()], flags['dry-run']),
    );
  if (flags['print-public']) await printPublic(plan.asked, items, io);
}

/** The SealedSecrets to make. A dry run, which seals nothing, needs no certificate. */
async function ordersOf(line: Given, plan: Plan, world: CommandWorld): Promise<Order[]> {
  const orders: Order[] = [];
  for (const destination of await destinationsOf(line, plan, world)) {
    orders.push(await orderOf(line, plan, destination, world.warn));
    if (!line.flags['dry-run']) await destination.sealer.check([destination.file]);
  }
  return orders;
}

/** Everything that is sealed. In a dry run nobody is asked, and what a person would type is not judged. */
async function readAll(
  { asked, templates: words, type }: Plan,
  isDryRun: boolean,
  { io, warn }: Pick<CommandWorld, 'io' | 'warn'>,
): Promise<{ readonly items: Items; readonly templates: Templates }> {
  const inputs = new ValueInputs(io, isDryRun ? UNTYPED : undefined);
  const templates = await readTemplates(words, inputs);
  const given = await readItems(asked, inputs);
  const made = new Set(asked.generate.flatMap((word) => parseGeneratedItem(word).names));
  for (const [item, value] of given) if (!made.has(item)) adviseOnLineEnd(item, value, warn);
  refuseLeaks(templates, given);
  const isKnown = !isDryRun || !asksFor(asked);
  const rendered = isKnown ? await renderTemplates(templates, given, warn) : asBytes(templates);
  const all = await itemsForType(type, new Map([...given, ...rendered]), isKnown ? checkKeyPair : undefined);
  return { templates, items: withoutRendered(all, rendered) };
}

function asBytes(templates: Templates): Items {
  return new Map([...templates].map(([item, text]) => [item, encodeUtf8(text)]));
}

/** One JSON document about what was created (docs/kubeseal.md). It holds no value. */
function createdAsJson(
  orders: readonly Order[],
  name: string,
  names: readonly string[],
  isDryRun: boolean,
): string {
  const items = names.toSorted().map((item) => ({ item, change: 'added' as const }));
  const objects = orders.map(({ file, namespace }) => ({ file, namespace, name, items }));
  return changesAsJson(objects, [], isDryRun);
}

/** The items to seal, of all that the Secret will have. @throws ERR_USAGE where those are too much */
function withoutRendered(all: Items, rendered: Items): Items {
  const bytes = [...all.values()].reduce((sum, { length }) => sum + length, 0);
  refuseTooMuch(bytes, [...all.keys()].at(-1) ?? '');
  return new Map([...all].filter(([item]) => !rendered.has(item)));
}

/** @throws ERR_USAGE where public keys would not be alone on stdout, and where they are of no use */
function refusePrintingTwice(flags: Given['flags']): void {
  if (!flags['print-public']) return;
  if (flags['dry-run'])
    throw usageError(
      '--print-public and --dry-run exclude each other',
      'nothing keeps the keys of a dry run',
    );
  if (flags.json) throw usageError('--print-public and --json both need stdout');
  if (goesToStdout({ flags }))
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
