import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { createServerCertificate } from '../../../../test/apiserver/src/access/certificate.ts';

/** As whom a request came. */
export interface Caller {
  readonly authorization: string | undefined;
  readonly impersonation: Readonly<Record<string, string | string[] | undefined>>;
  /** Fingerprint of the client certificate. */
  readonly certificate: string | undefined;
}

/** A server that takes every credential and remembers the last caller. */
export interface ProbeServer {
  readonly url: string;
  /** PEM of its authority. */
  readonly ca: string;
  /** The caller of /probe since it was last asked for; undefined when nobody called. */
  takeCaller(): Caller | undefined;
  stop(): void;
}

/** Starts one. */
export async function startProbeServer(): Promise<ProbeServer> {
  const { key, certificate } = createServerCertificate(['127.0.0.1']);
  let caller: Caller | undefined;
  const options = { key, cert: certificate, requestCert: true, rejectUnauthorized: false };
  const server = createServer(options, (request, response) => {
    if (request.url !== '/probe') return response.end('{}'); // kubectl may ask for the version first
    const { raw } = (request.socket as TLSSocket).getPeerCertificate();
    const entries = Object.entries(request.headersDistinct);
    caller = {
      authorization: request.headers.authorization,
      impersonation: Object.fromEntries(entries.filter(([name]) => name.startsWith('impersonate-'))),
      certificate: raw && new X509Certificate(raw).fingerprint256,
    };
    return response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ca: certificate,
    takeCaller: () => {
      const taken = caller;
      caller = undefined;
      return taken;
    },
    stop: () => server.close(),
  };
}
