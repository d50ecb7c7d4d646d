import { type Bytes, visible } from '@fuin/crypto-core';
import { objectName } from '../../input/object-name.ts';
import { type ChosenInput, readChosen } from '../../input/opening/choose.ts';
import type { OpenedValues, Opener } from '../../input/opening/opener.ts';
import { type Failure, isFailure, throwFailures } from '../../input/tree/failures.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { DIFF_FLAGS } from '../../invocation/flags/open-flags.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { isStream } from '../../io/files.ts';
import { canOpen, openerFor, refuseNoOpener } from '../access/opener.ts';
import { refuseInPipeline } from '../access/plaintext.ts';
import { compareFields, compareSealed, type Pair, pairsOf } from './compare.ts';
import { type ComparedItem, type Comparison, differencesAsJson, differencesAsText } from './differences.ts';

type Given = CommandLine<typeof DIFF_FLAGS>;

/** What commands end with that found something. */
const EXIT_FINDINGS = 3;
const NOTHING: OpenedValues = { values: new Map(), closed: new Map() };

/** Reads a command line of `kubeseal diff` without reading a file. @throws ERR_USAGE */
export function readDiff({ flags, arguments: paths }: Given): void {
  if (flags['show-values']) refuseNoOpener(flags);
  canOpen(flags);
  if (paths.every(isStream)) throw usageError('stdin cannot be compared with itself');
}

/**
 * `kubeseal diff A B`: compares SealedSecrets item by item. It ends with exit code 3 if something differs.
 *
 * @throws ERR_USAGE, ERR_MANIFEST_INVALID, and the errors of openers
 */
export async function diff(given: Given, world: CommandWorld): Promise<void> {
  const { flags, arguments: paths } = given;
  readDiff(given);
  const opens = canOpen(flags);
  if (flags['show-values']) refuseInPipeline(flags['allow-ci'], world.io.env);
  const failures: Failure[] = [];
  const [before = [], after = []] = [
    await sideOf(paths[0] ?? '', given, world, failures),
    await sideOf(paths[1] ?? '', given, world, failures),
  ];
  if (flags['fail-fast'] && failures.length > 0) {
    if (flags.json) await world.io.stdout.write(differencesAsJson([], failures));
    return throwFailures(failures);
  }
  const opener = opens ? await openerFor(given, world) : undefined;
  const compared: Comparison[] = [];
  try {
    for (const pair of pairsOf(before, after))
      compared.push(await compare(pair, opener, flags['show-values']));
  } finally {
    await opener?.close();
  }
  const differing = compared.filter((each) => each.differs);
  const { io, warn } = world;
  await io.stdout.write(flags.json ? differencesAsJson(compared, failures) : differencesAsText(compared));
  if (differing.length > 0) world.endWith(EXIT_FINDINGS);
  warn(`note: ${differing.length} of ${compared.length} SealedSecrets differ`);
  throwFailures(failures);
}

async function sideOf(
  path: string,
  { flags: { name, namespace, 'fail-fast': failsFast } }: Given,
  { io, warn }: CommandWorld,
  failures: Failure[],
): Promise<ChosenInput[]> {
  const chosen: ChosenInput[] = [];
  if (failsFast && failures.length > 0) return chosen;
  for await (const each of readChosen({ paths: [path], name, namespace }, io, warn)) {
    if (isFailure(each)) failures.push(each);
    else chosen.push(each);
    if (failsFast && failures.length > 0) break;
  }
  return chosen;
}

async function compare(pair: Pair, opener: Opener | undefined, showsValues: boolean): Promise<Comparison> {
  const { before, after } = pair;
  const present = after ?? before;
  const fields = before && after ? compareFields(before.sealedSecret, after.sealedSecret) : [];
  const sealed = compareSealed(itemsIn(before), itemsIn(after));
  const needsValues = showsValues || [...sealed.values()].includes('changed');
  const open = async (input: ChosenInput | undefined) =>
    input && opener && needsValues ? opener.open(input) : NOTHING;
  const [old, fresh] = [await open(before), await open(after)];
  const items = [...sealed].map(([item, change]): ComparedItem => {
    const values = { before: old.values.get(item), after: fresh.values.get(item) };
    const reason = old.closed.get(item) ?? fresh.closed.get(item);
    const plaintext = change === 'changed' ? plaintextOf(values) : undefined;
    return {
      item,
      change,
      ...(plaintext && opener ? { plaintext } : {}),
      ...(plaintext === 'unknown' && reason ? { reason } : {}),
      ...(showsValues && change !== 'same' ? { values: shownOf(values) } : {}),
    };
  });
  const isOneSided = !before || !after;
  return {
    place: present ? objectName(present.sealedSecret.metadata) : '',
    namespace: present?.sealedSecret.metadata.namespace ?? '',
    name: present?.sealedSecret.metadata.name ?? '',
    before: before?.file,
    after: after?.file,
    fields,
    items,
    differs: isOneSided || fields.length > 0 || items.some(isDifferent),
  };
}

function itemsIn(input: ChosenInput | undefined): Readonly<Record<string, string>> {
  return input?.sealedSecret.spec.encryptedData ?? {};
}

/** A value that was only sealed again is the same. */
function isDifferent({ change, plaintext }: ComparedItem): boolean {
  return change !== 'same' && plaintext !== 'same';
}

interface Values {
  readonly before: Bytes | undefined;
  readonly after: Bytes | undefined;
}

function plaintextOf({ before, after }: Values): 'same' | 'differs' | 'unknown' {
  if (!before || !after) return 'unknown';
  return Buffer.compare(before, after) === 0 ? 'same' : 'differs';
}

/** Values as they may stand in an output: quoted text, or Base64. */
function shownOf({ before, after }: Values): { readonly before?: string; readonly after?: string } {
  const shown = (bytes: Bytes) => {
    try {
      return visible(
        JSON.stringify(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)),
      );
    } catch {
      return `base64:${Buffer.from(bytes).toString('base64')}`;
    }
  };
  return { ...(before ? { before: shown(before) } : {}), ...(after ? { after: shown(after) } : {}) };
}
