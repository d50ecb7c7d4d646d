import type { Scene } from '../../support/scene.ts';
import type { Outcome } from '../outcome.ts';

/** Something that happens to SealedSecrets and Secrets. */
export interface Situation {
  readonly title: string;
  /** Plays it, step by step, under one controller. */
  readonly play: (scene: Scene) => Promise<void>;
  /** Where ours ends otherwise, on purpose. */
  readonly differs?: {
    /** Why, with the number of the row in section 7 of the compatibility reference where it has one. */
    readonly why: string;
    /** These parts instead of upstream's. */
    readonly ours: Partial<Outcome>;
  };
}

/** Stands for the object's name in outcomes. */
export const NAME = 'NAME!';
export const PREFIX = 'sealedsecrets.bitnami.com/';
export const UNSEALED = 'Normal Unsealed: SealedSecret unsealed successfully';
export const DRIFT = 'Warning DriftDetected: something else changed the Secret: it is restored';
export const SYNCED = { status: 'True', message: '' };

/** A failed reconcile, as our controller reports it: the condition and the event, beside earlier ones. */
export function failed(message: string, ...earlier: readonly string[]): Pick<Outcome, 'synced' | 'events'> {
  const event = `Warning ErrUnsealFailed: Failed to unseal: ${message}`;
  return { synced: { status: 'False', message }, events: [event, ...earlier].sort() };
}

/** A refused write, as ours tells it. */
export function refused(message: string, ...earlier: readonly string[]): Pick<Outcome, 'synced' | 'events'> {
  const event = `Warning ErrUpdateFailed: ${message}`;
  return { synced: { status: 'False', message }, events: [event, ...earlier].sort() };
}

/** A Secret that the SealedSecret owns. */
export function ownSecret(
  texts: Readonly<Record<string, string>>,
  fields: Readonly<Record<string, unknown>> = {},
): Outcome['secret'] {
  const owner = { apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', name: NAME };
  return {
    type: 'Opaque',
    immutable: false,
    data: Object.fromEntries(Object.entries(texts).map(([item, text]) => [item, btoa(text)])),
    labels: {},
    annotations: {},
    finalizers: [],
    owners: [{ ...owner, uid: 'of the SealedSecret', controller: true }],
    ...fields,
  };
}
