import type { Recipient } from '@fuin/crypto-core';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { CERTIFICATE_FLAGS } from '../../invocation/flags/flags.ts';
import { type Sealing, sealingOf } from '../../invocation/invocation.ts';
import { openSealingKey } from './certificate.ts';

/** What the values in each file are sealed with. */
export interface Sealer {
  /**
   * Opens the certificates for files, and for the files below directories, before a value is asked for.
   *
   * @throws the errors of openSealingKey
   */
  check(paths: readonly string[]): Promise<void>;
  /**
   * Each certificate is opened once a run, and a note on stderr says once that it is used.
   *
   * @throws the errors of openSealingKey
   */
  recipientFor(file: string): Promise<Recipient>;
  /** The namespace for an object of the file that names none; empty where nothing says it. */
  namespaceFor(file: string): Promise<string>;
}

type Given = Pick<CommandLine<typeof CERTIFICATE_FLAGS>, 'flags' | 'changed'>;

/** The certificate that flags and environment choose, for every file. */
export function sealerOf(given: Given, world: CommandWorld): Sealer {
  const sealing = sealingOf(given, world);
  let opening: Promise<Recipient> | undefined;
  let noted: Promise<void> | undefined;
  const open = () => {
    opening ??= openSealingKey(sealing);
    return opening;
  };
  return {
    check: async () => void (await open()),
    recipientFor: async () => {
      const recipient = await open();
      if (world.warns) noted ??= note(recipient, sealing);
      await noted;
      return recipient;
    },
    namespaceFor: () => sealing.kubeconfig.namespace().catch(() => ''),
  };
}

async function note(recipient: Recipient, sealing: Sealing): Promise<void> {
  await (await import('./controller.ts')).noteCertificate(recipient, sealing);
}
