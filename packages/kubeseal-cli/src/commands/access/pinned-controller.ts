import type { ControllerService } from '../../controller/service.ts';
import type { Sealing } from '../../invocation/invocation.ts';
import { readFirst } from '../../recipients/certificate/certificate.ts';
import { refuseOtherController } from '../../recipients/certificate/pinned.ts';
import { openCertificate } from './certificate.ts';
import { openController } from './controller.ts';

/**
 * Opens the controller for validating and re-encrypting. If --cert-fingerprint, or --cert on the command
 * line, pins a certificate, the controller must have it before anything is sent.
 *
 * @throws ERR_CERTIFICATE_INVALID for another certificate, and the errors of openController
 */
export async function openPinnedController(invocation: Sealing): Promise<ControllerService> {
  const { source, isTyped, pin } = invocation.certificate;
  const given = isTyped ? await readFirst(await openCertificate(invocation), source) : undefined;
  const controller = await openController(invocation);
  if (pin === '' && !given) return controller;
  try {
    await refuseOtherController(controller, pin, given?.recipient);
    return controller;
  } catch (error) {
    await controller.close();
    throw error;
  }
}
