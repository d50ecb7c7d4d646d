import { type Recipient, SealedSecretsError } from '@fuin/crypto-core';
import { requestCertificate } from '../../controller/key-requests.ts';
import type { ControllerService } from '../../controller/service.ts';
import { readFirst, refuseOtherKey } from './certificate.ts';

/**
 * Refuses a controller whose certificate is not the pinned one: a pin says whom the user trusts, and the
 * controller seals only with its own key. Only the certificate is requested from the controller before this
 * check.
 *
 * @param pin --cert-fingerprint; empty where there is none
 * @param given the certificate of --cert, where the command line names one
 * @throws ERR_CERTIFICATE_INVALID
 */
export async function refuseOtherController(
  controller: ControllerService,
  pin: string,
  given: Recipient | undefined,
): Promise<void> {
  const answer = await requestCertificate(controller, undefined);
  const pem = answer === 'not modified' ? new Uint8Array() : answer.body;
  const { recipient } = await readFirst(pem, 'the answer of the controller');
  if (pin !== '') refuseOtherKey(recipient, pin);
  if (given) refuseOtherThanGiven(recipient.id, given.id);
}

function refuseOtherThanGiven(actual: string, given: string): void {
  if (actual === given) return;
  throw new SealedSecretsError(
    'ERR_CERTIFICATE_INVALID',
    `the controller's certificate has fingerprint ${actual}, but that of --cert has ${given}`,
    {
      hint: 'this is another cluster, or the sealing key was renewed: leave --cert out, or fetch the current one with kubeseal --fetch-cert\nto seal again for the certificate of --cert, without the controller, give --recovery-private-key too',
    },
  );
}
