import { SealedSecretsError } from '@fuin/crypto-core';
import type { HttpAnswer } from '../io/http.ts';
import {
  type ControllerPath,
  type ControllerService,
  codeOfAnswer,
  describeAnswer,
  isOfApiServer,
} from './service.ts';

/** A certificate, or the recipients of format v2, as they came from the controller. */
export interface Fetched {
  readonly body: Uint8Array;
  readonly etag: string | undefined;
}

/** What is asked for, and how. */
interface Wanted {
  readonly path: ControllerPath;
  /** The kinds of content that are read. */
  readonly accept: string;
  /** The beginning of the message for any other answer. */
  readonly failure: string;
  /** Throws for an answer that has words of its own. */
  readonly refuse?: (answer: HttpAnswer) => void;
}

const CERTIFICATE: Wanted = {
  path: '/v1/cert.pem',
  accept: 'application/x-pem-file, */*',
  failure: 'cannot fetch certificate',
};
const RECIPIENTS: Wanted = {
  path: '/v2/recipients',
  accept: 'application/json',
  failure: 'cannot fetch recipients',
  refuse: refuseWithoutKey,
};

/**
 * Asks the controller for its certificate, or whether it is still that of `etag`.
 *
 * @throws ERR_API_UNAVAILABLE, ERR_API_REJECTED
 */
export async function requestCertificate(
  controller: ControllerService,
  etag: string | undefined,
): Promise<Fetched | 'not modified'> {
  return requestIfChanged(controller, CERTIFICATE, etag);
}

/**
 * Asks the controller for its recipients of format v2, or whether they are still those of `etag`.
 *
 * @throws ERR_API_REJECTED where it has no key of format v2; ERR_API_UNAVAILABLE
 */
export async function requestRecipients(
  controller: ControllerService,
  etag: string | undefined,
): Promise<Fetched | 'not modified'> {
  return requestIfChanged(controller, RECIPIENTS, etag);
}

async function requestIfChanged(
  controller: ControllerService,
  { path, accept, failure, refuse }: Wanted,
  etag: string | undefined,
): Promise<Fetched | 'not modified'> {
  const headers = { accept, ...(etag ? { 'if-none-match': etag } : {}) };
  const answer = await controller.send(path, { headers });
  if (answer.status === 304 && etag) return 'not modified';
  refuse?.(answer);
  if (answer.status !== 200)
    throw new SealedSecretsError(codeOfAnswer(answer), `${failure}: ${describeAnswer(answer)}`, {
      hint: 'is the controller running? kubectl -n kube-system get pods',
    });
  const given = answer.headers['etag'];
  return { body: answer.body, etag: typeof given === 'string' ? given : undefined };
}

/** The proxy of Kubernetes 1.30 answers 404, too: for a Service that has no endpoints yet. */
function refuseWithoutKey(answer: HttpAnswer): void {
  if (answer.status !== 404 || isOfApiServer(answer)) return;
  throw new SealedSecretsError('ERR_API_REJECTED', 'the controller has no key of format v2', {
    hint: "Fuin's controller makes one with its flag --v2-keys; upstream's cannot open format v2\nnothing was sealed: kubeseal never takes the RSA certificate instead",
  });
}
