import { fullTypeName, type Items, itemsForType } from '@fuin/items';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { IMPORT_FLAGS } from '../../invocation/flags/import-flags.ts';
import { connectionOf, type Sealing } from '../../invocation/invocation.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { outputFormat } from '../../output/output.ts';
import { adviseOnLineEnd } from '../../values/advice.ts';
import { checkKeyPair } from '../../values/check-key-pair.ts';
import { ValueInputs } from '../../values/inputs.ts';
import { type Choice, chooseItems, parseChoices } from '../../values/stores/choice.ts';
import type { KnownSecret, Loaded, StoreWorld } from '../../values/stores/store.ts';
import { parseSource, type Source } from '../../values/stores/table.ts';
import { withoutSource } from '../access/cluster-sealing.ts';
import { signerOf } from '../access/signature/signer.ts';
import { checkDestinations, type Destination, destinationsOf, needsPlace } from './destinations.ts';
import { importAsJson, importAsText } from './import-report.ts';
import { metadataOf, type Place, placeOf, sealOrders, secretOf } from './new-secret.ts';
import { type Order, orderOf } from './order.ts';

type Given = CommandLine<typeof IMPORT_FLAGS>;

/** What the command line of `kubeseal import` stands for. */
interface Plan {
  readonly sources: readonly Source[];
  /** Undefined where the source says it. */
  readonly place: Place | undefined;
  readonly choices: readonly Choice[];
  readonly metadata: ReturnType<typeof metadataOf>;
  /** Empty where the source says it. */
  readonly type: string;
}

/** Reads a command line of `kubeseal import` without reading a file. @throws ERR_USAGE */
export function readImport({ flags, arguments: given }: Given): Plan {
  outputFormat(flags['sealed-secret-file'], flags.format);
  const last = given.at(-1) ?? '';
  const hasName = !last.includes(':');
  const sources = hasName ? given.slice(0, -1) : given;
  if (sources.length === 0)
    throw usageError('no source is given', 'such as secret:shop/db or vault:secret/shop/db');
  checkDestinations({ flags });
  return {
    sources: sources.map(parseSource),
    place: hasName ? placeOf(last, flags.namespace, 'last') : undefined,
    choices: parseChoices(flags.item),
    metadata: metadataOf(flags),
    type: flags.type === '' ? '' : fullTypeName(flags.type),
  };
}

/**
 * `kubeseal import SOURCE... [[NAMESPACE/]NAME]`: makes a SealedSecret of values that stand elsewhere. They
 * are read after everything else is known to be in order, and are never shown or written.
 *
 * @throws ERR_USAGE, the errors of the stores and of openSealingKey
 */
export async function importSecret(line: Given, world: CommandWorld): Promise<void> {
  const plan = readImport(line);
  const { flags } = line;
  const { io, warn } = world;
  const isDryRun = flags['dry-run'];
  const isPlaced = !needsPlace(line) || (plan.place !== undefined && plan.place.namespace !== '');
  const early = isPlaced && !isDryRun ? await openedFor(plan.place, line, world) : undefined;
  const loaded = await loadAll(plan, line, connectionOf(line, world));
  const chosen = chooseItems(loaded, plan.choices);
  const known = knownOf(loaded);
  const type = plan.type || known.type || 'Opaque';
  const values: Items = new Map(chosen.map(({ item, value }) => [item, value]));
  for (const [item, value] of values) adviseOnLineEnd(item, value, warn);
  const items = await itemsForType(type, values, checkKeyPair);
  const about = aboutOf(plan, known, type);
  const named = namedPlace(plan.place, known, flags);
  const report = { name: named.name, type, items: chosen };
  if (isDryRun) {
    const files = [{ file: flags['sealed-secret-file'], namespace: named.namespace }];
    return io.stdout.write(flags.json ? importAsJson({ ...report, files }, true) : importAsText(report));
  }
  const orders: Order[] = [];
  for (const destination of early ?? (await openedFor(named, line, world)))
    orders.push(await orderOf(line, { ...named, metadata: about.metadata }, destination, warn));
  const secretFor = ({ namespace }: Pick<Place, 'namespace'>) =>
    secretOf(placeOf(named.name, namespace), items, about);
  const signer = signerOf(flags.sign, io);
  await sealOrders(orders, secretFor, { hasNote: !flags['no-note'], signer }, world);
  if (flags.json) await io.stdout.write(importAsJson({ ...report, files: orders }, false));
}

/** The files to write, where each can be sealed for. @param place undefined where the names do not need it */
async function openedFor(place: Place | undefined, line: Given, world: CommandWorld): Promise<Destination[]> {
  const { flags, changed } = line.flags.all || line.flags.for !== '' ? withoutSource(line) : line;
  const given = { flags: { ...line.flags, ...flags }, changed };
  const destinations = await destinationsOf(given, place ?? { name: '', namespace: '' }, world);
  for (const { file, sealer } of destinations) await sealer.check([file]);
  return destinations;
}

async function loadAll(
  plan: Plan,
  { flags }: Given,
  { io, kubeconfig, warn }: Omit<Sealing, 'format'>,
): Promise<Loaded[]> {
  const wanted = new Set(plan.choices.map(({ old }) => old));
  const world: Omit<StoreWorld, 'splitsJson'> = {
    io,
    kubeconfig,
    warn,
    inputs: new ValueInputs(io),
    namespace: flags.namespace,
    requestTimeout: flags['request-timeout'],
    secretStores: flags['secret-store'],
    wants: (item) => wanted.size === 0 || wanted.has(item),
  };
  const all: Loaded[] = [];
  for (const { store, name } of plan.sources) {
    const split = flags['split-json'];
    const splitsJson = split === 'auto' ? store.splitsJson === true : split === 'always';
    const loaded = await store.load(name, { ...world, splitsJson });
    warn(`note: read ${loaded.origin}`);
    all.push(loaded);
  }
  return all;
}

/** What the sources say of the Secret: the first that does counts. Several must agree on the name. */
function knownOf(loaded: readonly Loaded[]): KnownSecret {
  const known = loaded.flatMap(({ secret }) => (secret ? [secret] : []));
  const [first = {}, ...more] = known;
  const isAgreed = more.every(({ name, namespace }) => name === first.name && namespace === first.namespace);
  const { name: _name, namespace: _namespace, ...rest } = first;
  return isAgreed ? first : rest;
}

/** Labels and annotations of flags win over those of the source. */
function aboutOf({ metadata }: Plan, known: KnownSecret, type: string) {
  return {
    metadata: {
      labels: { ...known.labels, ...metadata.labels },
      annotations: { ...known.annotations, ...metadata.annotations },
    },
    type,
    ...(known.immutable === undefined ? {} : { immutable: known.immutable }),
  };
}

/** Name and namespace: of the arguments, of --namespace, of the source. @throws ERR_USAGE without a name */
function namedPlace(asked: Place | undefined, known: KnownSecret, flags: Given['flags']): Place {
  const name = asked?.name ?? known.name ?? '';
  const namespace = asked?.namespace || flags.namespace || known.namespace || '';
  if (name !== '') return placeOf(name, namespace);
  if (flags['dry-run']) return { name, namespace };
  throw usageError('the name of the Secret is missing', 'write [NAMESPACE/]NAME behind the sources');
}
