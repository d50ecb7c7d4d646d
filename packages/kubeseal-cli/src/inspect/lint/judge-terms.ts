import type { Scope } from '@fuin/crypto-core';
import type { PlacedFinding } from '../judge/finding.ts';
import { objectFinding } from './findings.ts';
import type { FileKeys } from './judge-keys.ts';
import type { SealedFact } from './sealed-facts.ts';

/** What the SealedSecrets of one file are held to. */
export interface FileTerms extends FileKeys {
  /** The same for all files of one cluster; undefined where nothing says which cluster a file is for. */
  readonly cluster?: string | undefined;
  readonly rule?: RuleTerms | undefined;
}

/** What a rule of the settings says about the SealedSecrets of a file. */
interface RuleTerms {
  /** `.kubeseal.yaml line 7`. */
  readonly where: string;
  readonly namespace?: string;
  readonly scope?: Scope;
  readonly requiredLabels?: readonly string[];
}

/** From the narrowest on. */
const SCOPES: readonly Scope[] = ['strict', 'namespace-wide', 'cluster-wide'];

/** Compares the SealedSecrets of one file with the rule that the settings have for it. */
export function judgeTerms(facts: readonly SealedFact[], rule: RuleTerms | undefined): PlacedFinding[] {
  return rule ? facts.flatMap((fact) => judgeFact(fact, rule)) : [];
}

function judgeFact(fact: SealedFact, rule: RuleTerms): PlacedFinding[] {
  const { where, namespace, scope, requiredLabels = [] } = rule;
  const missing = requiredLabels.filter((key) => !fact.labels.has(key));
  const isElsewhere = namespace !== undefined && fact.namespace !== '' && fact.namespace !== namespace;
  const isWider = scope !== undefined && SCOPES.indexOf(fact.scope) > SCOPES.indexOf(scope);
  return [
    ...missing.map((key) =>
      objectFinding('missing-label', fact, `lacks the label ${key}, which ${where} requires`, key),
    ),
    ...(isElsewhere
      ? [objectFinding('other-namespace', fact, `is not in namespace ${namespace}, which ${where} names`)]
      : []),
    ...(isWider ? [objectFinding('wider-scope', fact, `is ${fact.scope}, and ${where} says ${scope}`)] : []),
  ];
}
