import { formatPem } from '@fuin/crypto-core';
import type { Certificate } from '@fuin/crypto-core/x509';
import { requestCertificate, requestRecipients } from '../../controller/key-requests.ts';
import { type ControllerService, openController as openService } from '../../controller/service.ts';
import type { Sealing } from '../../invocation/invocation.ts';
import { type FetchPlan, fetchFromCluster } from '../../recipients/certificate/from-cluster.ts';
import { refuseOtherController } from '../../recipients/certificate/pinned.ts';
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
export async function fetchCertificate(
  invocation: Sealing,
  check: (pem: Uint8Array) => Promise<Pick<Certificate, 'der'>>,
): Promise<Uint8Array> {
  const plan: FetchPlan = {
    open: () => openController(invocation),
    request: requestCertificate,
    cache: await cacheOf(invocation, 'certificate'),
    // of any other text only the checked certificate is cached
    check: async (pem) => formatPem('CERTIFICATE', (await check(pem)).der),
    words: { one: 'certificate', instead: 'seal with a saved certificate: --cert FILE' },
    isOffline: invocation.certificate.isOffline,
  };
  return fetchFromCluster(plan, invocation.warn);
}

/**
 * The answer of that controller at /v2/recipients, or with --offline the cached one. A pin of
 * --cert-fingerprint or of the settings says which controller is trusted: it must have that certificate.
 *
 * @throws ERR_USAGE, ERR_CERTIFICATE_INVALID, ERR_API_UNAVAILABLE, ERR_API_REJECTED
 */
export async function fetchRecipients(
  invocation: Sealing,
  check: (body: Uint8Array) => Promise<unknown>,
): Promise<Uint8Array> {
  const { isOffline, pin } = invocation.certificate;
  const plan: FetchPlan = {
    open: () => openController(invocation),
    request: async (controller, etag) => {
      if (pin !== '') await refuseOtherController(controller, pin, undefined);
      return requestRecipients(controller, etag);
    },
    cache: await cacheOf(invocation, `recipients ${pin}`),
    check: async (body) => {
      await check(body);
      return Buffer.from(body).toString('utf8');
    },
    words: { one: 'list of recipients', instead: 'name the recipient: --recipient fuin1...' },
    isOffline,
  };
  return fetchFromCluster(plan, invocation.warn);
}
