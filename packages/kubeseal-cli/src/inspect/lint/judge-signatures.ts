import {
  type AllowedSigner,
  checkSignature,
  KIND,
  parseSealedSecret,
  type SealedSecret,
  SealedSecretsError,
  type SignatureState,
} from '@fuin/crypto-core';
import { openLists } from '@fuin/manifests';
import type { EveryReading } from '@fuin/manifests/every-reading';
import { type Finding, fieldsOf, nameOf } from '../judge/finding.ts';
import type { RuleId } from '../judge/rules.ts';

/** Who may sign, and since when one asks. */
export interface Signing {
  /** Undefined asks only whether signatures fit. */
  readonly signers: readonly AllowedSigner[] | undefined;
  readonly now: Date;
}

/** What is wrong about a signature, and whether that counts without a list of signers. */
const WRONG: Readonly<Partial<Record<SignatureState, { rule: RuleId; says: string; always: boolean }>>> = {
  missing: { rule: 'missing-signature', says: 'has no signature', always: false },
  unreadable: { rule: 'stale-signature', says: 'has a signature that cannot be read', always: true },
  stale: { rule: 'stale-signature', says: 'was changed after it was signed', always: true },
  'unknown-signer': { rule: 'unknown-signer', says: 'is signed by nobody who may', always: false },
  'untimely-signer': {
    rule: 'unknown-signer',
    says: 'is signed by somebody who may not sign at this time',
    always: false,
  },
};

/** Judges the signatures of the SealedSecrets of a document, in Lists too, as Kubernetes reads it. */
export async function judgeSignatures(
  { readings: [value] }: EveryReading,
  label: string,
  { signers, now }: Signing,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { object, path, where } of sealedIn(value, label)) {
    const { state } = await checkSignature(object, { signers, now });
    const wrong = WRONG[state];
    if (!wrong || (!wrong.always && !signers)) continue;
    const name = nameOf(fieldsOf({ metadata: object.metadata }));
    const message = `${where}: SealedSecret ${name} ${wrong.says}`;
    findings.push({
      rule: wrong.rule,
      message,
      about: ['SealedSecret', name, 'signature'],
      path: [...path, 'metadata'],
    });
  }
  return findings;
}

/** What cannot be read is left out: other rules report it. */
function sealedIn(value: unknown, label: string) {
  const found: { object: SealedSecret; path: readonly string[]; where: string }[] = [];
  try {
    const document = { index: 0, path: [], label, value: fieldsOf(value) };
    for (const { value: object, path, label: where } of openLists([document]))
      if (object['kind'] === KIND) found.push({ object: parseSealedSecret(object), path, where });
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
  }
  return found;
}
