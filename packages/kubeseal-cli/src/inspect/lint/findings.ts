import { objectName } from '../../input/object-name.ts';
import type { PlacedFinding } from '../judge/finding.ts';
import type { RuleId } from '../judge/rules.ts';
import type { SealedFact, SealedItemFact } from './sealed-facts.ts';

/**
 * A finding about a whole SealedSecret.
 *
 * @param why goes on after its name, such as `is in b.yaml too`
 * @param about what else tells it from other findings of the rule
 */
export function objectFinding(
  rule: RuleId,
  { file, label, line, namespace, name }: SealedFact,
  why: string,
  ...about: readonly string[]
): PlacedFinding {
  const named = objectName({ namespace, name });
  const message = `${label}: SealedSecret ${named} ${why}`;
  return { rule, message, about: ['SealedSecret', named, ...about], path: [], file, line };
}

/** A finding about one item of it. @param why goes on after the names, such as `has expired` */
export function itemFinding(
  rule: RuleId,
  { file, label, namespace, name }: SealedFact,
  item: SealedItemFact,
  why: string,
): PlacedFinding {
  const named = objectName({ namespace, name });
  return {
    rule,
    message: `${label}: item ${item.name} of SealedSecret ${named} ${why}`,
    about: ['SealedSecret', named, item.name],
    path: [],
    file,
    line: item.line,
  };
}
