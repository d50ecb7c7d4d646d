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
  /** @throws the errors of openSealingKey; each certificate is opened once a run */
  recipientFor(file: string): Promise<Recipient>;
  /** The namespace for an object of the file that names none; empty where nothing says it. */
  namespaceFor(file: string): Promise<string>;
}

type Given = Pick<CommandLine<typeof CERTIFICATE_FLAGS>, 'flags' | 'changed'>;

/** The certificate that flags and environment choose, for every file. */
export function sealerOf(given: Given, world: CommandWorld): Sealer {
  const sealing = sealingOf(given, world);
  let opening: Promise<Recipient> | undefined;
  const open = () => {
    opening ??= openAndNote(sealing, world.warns);
    return opening;
  };
  return {
    check: async () => void (await open()),
    recipientFor: open,
    namespaceFor: () => sealing.kubeconfig.namespace().catch(() => ''),
  };
}

async function openAndNote(sealing: Sealing, warns: boolean): Promise<Recipient> {
  const recipient = await openSealingKey(sealing);
  if (warns) await (await import('./controller.ts')).noteCertificate(recipient, sealing);
  return recipient;
}
