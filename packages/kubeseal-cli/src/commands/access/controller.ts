import { type FetchPlan, fetchFromCluster } from '../../certificate/from-cluster.ts';
import { type ControllerService, openController as openService } from '../../controller/service.ts';
import type { Sealing } from '../../invocation/invocation.ts';
import { cacheOf } from './used-certificate.ts';

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
