import { printable, type Recipient, SealedSecretsError, type ValueFormat } from '@fuin/crypto-core';
import { keptNote } from '@fuin/manifests/note-edits';
import type { Opener } from '../../input/opening/opener.ts';
import { factsOfValue } from '../../input/sealed-format.ts';
import type { SealingFormat } from '../../invocation/sealing-format.ts';
import { ANY_SEALED } from '../../output/diff.ts';
import { sealAgain } from '../access/seal-value.ts';
import type { Sealer } from '../access/sealer.ts';
import type { ObjectChange, Target } from './change-file.ts';
import type { Resealer } from './resealers.ts';
import { changeEach } from './targets.ts';

const BATCHES = { batch: 64, batchesAtOnce: 2 };

/** What brings the items of targets into another format. */
export interface Conversion {
  readonly to: ValueFormat;
  readonly sealer: Sealer;
  /** Undefined in a check and a dry run, which open nothing. */
  readonly opener: Opener | undefined;
}

/**
 * Seals the items of targets again that are not of the format, or not for the recipients, that are asked for.
 * The others stay byte for byte, so a run that was interrupted is continued by the next one.
 */
export function convertingResealer(conversion: Conversion): Resealer {
  return {
    ...BATCHES,
    settle: () => undefined,
    reseal: changeEach((target) => convert(target, conversion)),
  };
}

async function convert(
  target: Target,
  { to, sealer, opener }: Conversion,
): Promise<ObjectChange | undefined> {
  const { file, sealedSecret } = target;
  const asked = await sealer.formatFor(file);
  const recipient = await sealer.recipientFor(file, to);
  const { encryptedData } = sealedSecret.spec;
  const stale = Object.keys(encryptedData).filter((item) =>
    isStale(encryptedData[item] ?? '', recipient, asked),
  );
  if (stale.length === 0) return undefined;
  for (const item of stale) refuseFewerKeys(target, item, recipient, asked);
  const sealed = opener
    ? await sealItems(target, stale, opener, { recipient, terms: asked, mayDowngrade: to === 'v1' })
    : stale.map((item) => [item, ANY_SEALED] as const);
  const items = stale.map((item) => ({ item, change: 'changed' as const }));
  const says = `re-encrypted ${stale.map(printable).join(', ')} in format ${to}`;
  return { set: Object.fromEntries(sealed), items, says, ...keptNote(target, recipient.id) };
}

/**
 * Whether a value is of another format, for other keys than the named ones, or not for the controller's key.
 * A value of v1 does not tell its key: plain re-encrypt finds that out.
 */
function isStale(value: string, recipient: Recipient, asked: SealingFormat): boolean {
  const own = factsOfValue(value);
  if (own.format !== recipient.format) return true;
  if (own.format === 'v1') return false;
  const lacksTerm =
    (asked.bindsItem && !own.bindsItem) ||
    (asked.expiresAt !== undefined && asked.expiresAt.getTime() !== own.expiresAt?.getTime());
  const ids = own.recipients.join(' ');
  const isForOthers =
    asked.recipients.length > 0 ? ids !== recipient.id : !own.recipients.includes(recipient.id);
  return lacksTerm || isForOthers;
}

/** @throws ERR_USAGE where a value for several keys would silently become one for the controller alone */
function refuseFewerKeys(
  { label, sealedSecret }: Target,
  item: string,
  recipient: Recipient,
  { recipients }: SealingFormat,
): void {
  const count = factsOfValue(sealedSecret.spec.encryptedData[item] ?? '').recipients.length;
  if (recipient.format === 'v1' || recipients.length > 0 || count <= 1) return;
  throw new SealedSecretsError(
    'ERR_USAGE',
    `${label}: ${printable(item)} is sealed for ${count} keys, and must not become a value for one`,
    { hint: 'name all of them: --recipient, or recipients in .kubeseal.yaml' },
  );
}

async function sealItems(
  target: Target,
  items: readonly string[],
  opener: Opener,
  again: Parameters<typeof sealAgain>[2],
): Promise<[item: string, sealed: string][]> {
  const { sealedSecret, label } = target;
  const { spec } = sealedSecret;
  const wanted = Object.fromEntries(items.map((item) => [item, spec.encryptedData[item] ?? '']));
  const part = { label, sealedSecret: { ...sealedSecret, spec: { ...spec, encryptedData: wanted } } };
  const { values, closed } = await opener.open(part);
  const [first] = closed;
  if (first)
    throw new SealedSecretsError(
      'ERR_NO_KEY_OPENS_VALUE',
      `${label} cannot be opened with ${opener.source}: ${printable(first[0])}: ${first[1]}`,
      { hint: 'the file stays as it is' },
    );
  const sealed: [string, string][] = [];
  for (const [item, value] of values) {
    sealed.push([item, await sealAgain(target, { item, value }, again)]);
    value.fill(0);
  }
  return sealed;
}
