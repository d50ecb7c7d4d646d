import type { Recipient } from '@fuin/crypto-core';
import { openCache } from '../../certificate/cache.ts';
import { type FetchPlan, fetchFromCluster } from '../../certificate/from-cluster.ts';
import { describeCertificate } from '../../certificate/note.ts';
import { type ControllerService, openController as openService } from '../../controller/service.ts';
import type { Sealing } from '../../invocation/invocation.ts';

/**
 * The controller behind the API server of the context.
 *
 * @throws ERR_USAGE, ERR_API_UNAVAILABLE, ERR_API_REJECTED
 */
export async function openController(invocation: Sealing): Promise<ControllerService> {
  const { controller, kubeconfig, io, warn } = invocation;
  const options = { io, requestTimeout: controller.requestTimeout };
  return openService(controller, await kubeconfig.access(), options, warn);
}

/**
 * The certificate of that controller, or with --offline the cached one.
 *
 * @throws ERR_USAGE, ERR_API_UNAVAILABLE, ERR_API_REJECTED
 */
export async function fetchCertificate(invocation: Sealing, check: FetchPlan['check']): Promise<Uint8Array> {
  const { isOffline } = invocation.certificate;
  const open = () => openController(invocation);
  return fetchFromCluster({ open, cache: await cacheOf(invocation), check, isOffline }, invocation.warn);
}

/**
 * Prints a note that describes the certificate that was used for sealing.
 *
 * @param cluster its name in the settings file, if it is from there
 */
export async function noteCertificate(
  recipient: Recipient,
  invocation: Sealing,
  cluster?: string,
): Promise<void> {
  const { certificate, kubeconfig, warn } = invocation;
  const cached = async () => (await cacheOf(invocation)).read();
  const note = await describeCertificate(recipient, certificate.source, {
    access: kubeconfig.access,
    cached,
  });
  warn(cluster === undefined ? note : `${note}, cluster ${cluster}`);
}

async function cacheOf({ certificate, controller, kubeconfig, io }: Sealing) {
  return openCache({ access: await kubeconfig.access(), controller }, certificate.cacheTtlMs, io);
}
