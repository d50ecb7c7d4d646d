import {
  KIND,
  looksSealed,
  parseSealedSecret,
  type Scope,
  SealedSecretsError,
  scopeOf,
  sealedSizes,
  sealingNoteOf,
  type ValueFormat,
  valueFactsOf,
} from '@fuin/crypto-core';
import { openLists } from '@fuin/manifests';
import type { EveryReading } from '@fuin/manifests/every-reading';
import { fieldsOf } from '../judge/finding.ts';

/** What is kept of a SealedSecret, to compare it with others and with certificates. */
export interface SealedFact {
  readonly file: string;
  readonly label: string;
  readonly namespace: string;
  readonly name: string;
  readonly scope: Scope;
  /** Keys of the labels of the SealedSecret and of its template. */
  readonly labels: ReadonlySet<string>;
  /** The cluster that it is for, where settings say it. */
  readonly cluster?: string;
  readonly line: number;
  readonly items: readonly SealedItemFact[];
}

/** What is kept of an item that looks sealed. */
export interface SealedItemFact {
  readonly name: string;
  /** Of an RSA key; undefined for other kinds. */
  readonly keyBits?: number;
  /** Of the RSA key that sealed it, where the sealing note says it. */
  readonly fingerprint?: string;
  readonly format: ValueFormat;
  /** Ids of the keys that open it, ascending; empty for v1. */
  readonly recipients: readonly string[];
  readonly expiresAt: Date | undefined;
  readonly line: number;
}

/** The SealedSecrets of a document, in Lists too. What cannot be read is left out: the rules report it. */
export function sealedFactsIn(
  { readings: [value], lineOf }: EveryReading,
  { file, label }: { readonly file: string; readonly label: string },
): SealedFact[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const document = { index: 0, path: [], label, value: fieldsOf(value) };
  try {
    return openLists([document]).flatMap(({ value: object, path, label: own }) => {
      if (object['kind'] !== KIND) return [];
      const sealedSecret = parseSealedSecret(object);
      const { metadata, spec } = sealedSecret;
      const noted = sealingNoteOf(sealedSecret);
      const items = Object.entries(spec.encryptedData).flatMap(([name, sealed]) => {
        if (looksSealed(sealed) !== 'sealed') return [];
        const keyBits = sealedSizes(sealed)?.keyBits;
        const { format, recipients, expiresAt } = valueFactsOf(sealed);
        const fingerprint = format === 'v1' ? noted.get(name) : undefined;
        const line = lineOf([...path, 'spec', 'encryptedData', name]) ?? 1;
        return [
          {
            name,
            line,
            format,
            recipients,
            expiresAt,
            ...(keyBits === undefined ? {} : { keyBits }),
            ...(fingerprint === undefined ? {} : { fingerprint }),
          },
        ];
      });
      return [
        {
          file,
          label: own,
          namespace: metadata.namespace ?? '',
          name: metadata.name ?? '',
          scope: scopeOf(metadata.annotations),
          labels: new Set(
            [metadata.labels, spec.template?.metadata?.labels].flatMap((each) => Object.keys(each ?? {})),
          ),
          line: lineOf([...path, 'metadata', 'name']) ?? 1,
          items,
        },
      ];
    });
  } catch (error) {
    if (error instanceof SealedSecretsError) return [];
    throw error;
  }
}
