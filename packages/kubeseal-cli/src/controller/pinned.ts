import { SealedSecretsError } from '@fuin/crypto-core';
import { openCertificate, readFirst, refuseOtherKey } from '../certificate/certificate.ts';
import { requestCertificate } from '../certificate/from-cluster.ts';
import { type Invocation, isTyped } from '../invocation/invocation.ts';
import { type ControllerService, openController } from './service.ts';

/**
 * The controller for what it alone can do: validate and seal again. Its certificate has to be the pinned one, by --cert-fingerprint or by --cert
 * on the command line, before anything is sent: a pin says whom the user trusts, and the controller seals with no other key than its own.
 *
 * @throws ERR_CERTIFICATE_INVALID for another certificate, and the errors of openController
 */
export async function openPinnedController(invocation: Invocation): Promise<ControllerService> {
  const { flags } = invocation;
  const pinned = flags['cert-fingerprint'];
  const given = isTyped(invocation, 'cert') ? await fingerprintOfGiven(invocation) : undefined;
  const controller = await openController(invocation);
  if (!pinned && !given) return controller;
  try {
    const answer = await requestCertificate(controller, undefined);
    const pem = answer === 'not modified' ? new Uint8Array() : answer.pem;
    const { recipient } = await readFirst(pem, 'the answer of the controller');
    if (pinned) refuseOtherKey(recipient, pinned);
    if (given) refuseOtherThanGiven(recipient.id, given);
    return controller;
  } catch (error) {
    await controller.close();
    throw error;
  }
}

async function fingerprintOfGiven(invocation: Invocation): Promise<string> {
  const { recipient } = await readFirst(await openCertificate(invocation), invocation.flags.cert);
  return recipient.id;
}

function refuseOtherThanGiven(actual: string, given: string): void {
  if (actual === given) return;
  throw new SealedSecretsError(
    'ERR_CERTIFICATE_INVALID',
    `the controller's certificate has fingerprint ${actual}, but that of --cert has ${given}`,
    {
      hint: 'this is another cluster, or the sealing key was renewed: leave --cert out, or fetch the present one with kubeseal --fetch-cert\nto seal again for the certificate of --cert, without the controller, give --recovery-private-key too',
    },
  );
}
