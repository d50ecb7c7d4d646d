import type { Bytes, ObjectMeta, Recipient, Scope } from '@fuin/crypto-core';

/** Somebody that values are sealed for: the controller of a cluster. */
export interface Cluster {
  /** What a person calls it; only for headings and names of files. */
  readonly name: string;
  readonly recipient: Recipient;
  /** When the certificate expires; a recipient of format v2 never does. */
  readonly notAfter?: Date;
  /** The certificate in PEM or the recipient in one word, as it may be kept. Public. */
  readonly source: string;
}

/** What a form says about the Secret to seal. */
export interface Order {
  readonly name: string;
  /** A SealedSecret for each; with the scope cluster-wide it may be empty. */
  readonly namespaces: readonly string[];
  readonly scope: Scope;
  /** Full name; empty for a Secret that does not say its type. */
  readonly type: string;
  readonly immutable: boolean;
  readonly items: readonly (readonly [name: string, value: Bytes])[];
  readonly labels: Pairs;
  readonly annotations: Pairs;
  readonly templates: Pairs;
  /** Metadata of a loaded Secret that the form does not show. */
  readonly metadata: ObjectMeta;
}

/** Names and texts in the order of the form; a name may be there twice. */
export type Pairs = readonly (readonly [name: string, text: string])[];
