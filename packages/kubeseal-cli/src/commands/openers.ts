import type { Certificate } from '@fuin/crypto-core/x509';
import { checkCertificate, isFileName, readFirst, warnOfEnd } from '../certificate/certificate.ts';
import type { ControllerService } from '../controller/service.ts';
import type { Invocation } from '../invocation/invocation.ts';
import { readInput } from '../io/files.ts';

/** The bytes of the certificate: from --cert, else from the controller through the API server. */
export async function openCertificate(invocation: Invocation): Promise<Uint8Array> {
  const { source } = invocation.certificate;
  return source === '' ? fetchOwn(invocation) : openGiven(invocation);
}

/** The certificate of those bytes, checked, with a warning when it is about to expire. @throws ERR_CERTIFICATE_INVALID */
export async function readCertificate(pem: Uint8Array, invocation: Invocation): Promise<Certificate> {
  const certificate = await check(pem, invocation);
  warnOfEnd(certificate.notAfter, invocation.io.now(), invocation.warn);
  return certificate;
}

/** The public key to seal with. @throws ERR_CERTIFICATE_INVALID, ERR_USAGE, ERR_API_UNAVAILABLE, ERR_API_REJECTED */
export async function openSealingKey(invocation: Invocation): Promise<CryptoKey> {
  return (await readCertificate(await openCertificate(invocation), invocation)).publicKey;
}

/** Says at the end, where somebody reads it, with which certificate values are sealed. */
export async function noteCertificate(publicKey: CryptoKey, invocation: Invocation): Promise<void> {
  const { certificate, kubeconfig, warn } = invocation;
  const { describeCertificate } = await import('../certificate/note.ts');
  const cached = async () => (await cacheOf(invocation)).read();
  warn(await describeCertificate(publicKey, certificate.source, { access: kubeconfig.access, cached }));
}

/** The controller behind the API server of the context. @throws ERR_USAGE, ERR_API_UNAVAILABLE, ERR_API_REJECTED */
export async function openController(invocation: Invocation): Promise<ControllerService> {
  const { controller, kubeconfig, io, warn } = invocation;
  const service = await import('../controller/service.ts');
  const options = { io, requestTimeout: controller.requestTimeout };
  return service.openController(controller, await kubeconfig.access(), options, warn);
}

/**
 * The controller for what it alone can do: validate and seal again. Its certificate has to be the pinned one, by --cert-fingerprint or by
 * --cert on the command line, before anything is sent.
 *
 * @throws ERR_CERTIFICATE_INVALID for another certificate, and the errors of openController
 */
export async function openPinnedController(invocation: Invocation): Promise<ControllerService> {
  const { source, isTyped, pin } = invocation.certificate;
  const given = isTyped ? await readFirst(await openCertificate(invocation), source) : undefined;
  const controller = await openController(invocation);
  if (pin === '' && !given) return controller;
  try {
    const { refuseOtherController } = await import('../certificate/pinned.ts');
    await refuseOtherController(controller, pin, given?.publicKey);
    return controller;
  } catch (error) {
    await controller.close();
    throw error;
  }
}

async function openGiven({ certificate, io }: Invocation): Promise<Uint8Array> {
  const { source, authority, isInsecure, pin } = certificate;
  if (isFileName(source)) return readInput(io.cwd, source, 'cert');
  const { fetchFromUrl } = await import('../certificate/from-url.ts');
  const acceptsHttp = certificate.acceptsHttp || pin !== '';
  return fetchFromUrl(source, io, { authority, isInsecure, acceptsHttp });
}

async function fetchOwn(invocation: Invocation): Promise<Uint8Array> {
  const { fetchFromCluster } = await import('../certificate/from-cluster.ts');
  const plan = {
    open: () => openController(invocation),
    cache: await cacheOf(invocation),
    check: (pem: Uint8Array) => check(pem, invocation),
    isOffline: invocation.certificate.isOffline,
  };
  return fetchFromCluster(plan, invocation.warn);
}

async function cacheOf({ certificate, controller, kubeconfig, io }: Invocation) {
  const { openCache } = await import('../certificate/cache.ts');
  return openCache({ access: await kubeconfig.access(), controller }, certificate.cacheTtlMs, io);
}

function check(pem: Uint8Array, { certificate, io }: Invocation): Promise<Certificate> {
  const where = certificate.source || 'the answer of the controller';
  return checkCertificate(pem, { where, pin: certificate.pin, now: io.now() });
}
