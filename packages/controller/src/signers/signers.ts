import { systemClock } from '@fuin/kube/time';
import type { SignerConfig } from '../config/config.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { SignerGate } from './signer-gate.ts';
import { SignersFile } from './signers-file.ts';

/** Who may sign, and what that means for SealedSecrets. */
export interface Signers {
  readonly gate: SignerGate;
  /** Reads the file once, so that it is known when it resolves, and then again and again until `stop`. */
  start(stop: AbortSignal): Promise<void>;
  /** The listener is called when somebody may sign who could not before, or the other way round. */
  onChange(listener: () => void): void;
  /** Whether there is no list of signers, so that nobody may sign. */
  isUnreadable(): boolean;
}

/** Wires the allowed-signers file and the gate. */
export function createSigners(
  { rules, file: path }: SignerConfig,
  { log, metrics }: { readonly log: Logger; readonly metrics: Metrics },
): Signers {
  const file = new SignersFile({ path, clock: systemClock, now: () => new Date(), log, metrics });
  const gate = new SignerGate({ rules, signers: () => file.signers });
  metrics.unsigned.countBy(() => gate.counts().map(({ count, ...labels }) => ({ labels, value: count })));
  return {
    gate,
    start: async (stop) => {
      await file.refresh();
      void file.watch(stop);
    },
    onChange: (listener) => file.onChange(listener),
    isUnreadable: () => file.signers === undefined,
  };
}
