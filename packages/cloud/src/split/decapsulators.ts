import { misconfigured } from '../faults.ts';
import type { WrapperWorld } from '../key-wrapper.ts';
import type { Decapsulator } from './decapsulator.ts';

/** One kind of key service that decapsulates. */
interface DecapsulatorRow {
  /** How a key of it is written. */
  readonly usage: string;
  /** Loads the code for it. @param reference what stands behind the colon */
  readonly open: (reference: string, world: WrapperWorld) => Promise<Decapsulator>;
}

/** Every kind, by the word before the colon. */
const DECAPSULATORS: Readonly<Record<string, DecapsulatorRow>> = {
  'aws-kms': {
    usage: 'aws-kms:ARN',
    open: async (reference, world) =>
      (await import('../aws/aws-decapsulator.ts')).openAwsDecapsulator(reference, world),
  },
  'gcp-kms': {
    usage: 'gcp-kms:VERSION-NAME',
    open: async (reference, world) =>
      (await import('../google/google-decapsulator.ts')).openGoogleDecapsulator(reference, world),
  },
};

/**
 * Opens a key of a key service by its name, such as `aws-kms:arn:aws:kms:...:key/...`. Asks no service yet.
 *
 * @throws ERR_USAGE
 */
export async function openDecapsulator(name: string, world: WrapperWorld): Promise<Decapsulator> {
  const colon = name.indexOf(':');
  const kind = name.slice(0, Math.max(0, colon));
  const row = Object.hasOwn(DECAPSULATORS, kind) ? DECAPSULATORS[kind] : undefined;
  if (row) return row.open(name.slice(colon + 1), world);
  const usages = Object.values(DECAPSULATORS).map(({ usage }) => usage);
  throw misconfigured('unknown key for split keys', `it is one of ${usages.join(', ')}`);
}
