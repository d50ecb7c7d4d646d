import type { PlacedFinding } from '../judge/finding.ts';
import type { RuleId } from '../judge/rules.ts';
import { itemFinding } from './findings.ts';
import type { SealedFact, SealedItemFact } from './sealed-facts.ts';

/** That the settings want values of a file in format v2, and for whom. */
export interface ExpectedFormat {
  /** `.kubeseal.yaml line 7`. */
  readonly where: string;
  /** Ids of the keys, ascending; undefined where the controller's key counts. */
  readonly recipients: readonly string[] | undefined;
}

/** Like certificates: there is time to seal again, and not so much that the warning is forgotten. */
const WARN_BEFORE_MS = 30 * 24 * 3_600_000;

/** What is wrong with format, recipients and expiry of the values of one file. */
export function judgeFormats(
  facts: readonly SealedFact[],
  expected: ExpectedFormat | undefined,
  now: Date,
): PlacedFinding[] {
  return facts.flatMap((fact) =>
    fact.items.flatMap((item) => [
      ...expiryOf(item, now).map(([rule, why]) => itemFinding(rule, fact, item, why)),
      ...(expected ? formatOf(item, expected) : []).map(([rule, why]) => itemFinding(rule, fact, item, why)),
    ]),
  );
}

type Found = readonly [rule: RuleId, why: string];

function expiryOf({ expiresAt }: SealedItemFact, now: Date): Found[] {
  if (!expiresAt) return [];
  const day = expiresAt.toISOString().replace(/\.000Z$/, 'Z');
  const leftMs = expiresAt.getTime() - now.getTime();
  if (leftMs <= 0) return [['expired-value', `expired at ${day}`]];
  return leftMs < WARN_BEFORE_MS ? [['expiring-value', `expires at ${day}`]] : [];
}

function formatOf({ format, recipients }: SealedItemFact, expected: ExpectedFormat): Found[] {
  const { where, recipients: wanted } = expected;
  if (format === 'v1')
    return [
      ['downgraded-value', `is of format v1, and ${where} asks for v2: a quantum computer can open it later`],
    ];
  if (!wanted || wanted.join() === recipients.join()) return [];
  const [missing, extra] = [without(wanted, recipients), without(recipients, wanted)];
  const parts = [
    ...(missing.length > 0 ? [`lacks ${missing.join(', ')}`] : []),
    ...(extra.length > 0 ? [`has ${extra.join(', ')}, which is not named`] : []),
  ];
  return [['other-recipients', `is not sealed for the recipients of ${where}: it ${parts.join(', and ')}`]];
}

function without(all: readonly string[], others: readonly string[]): string[] {
  return all.filter((each) => !others.includes(each));
}
