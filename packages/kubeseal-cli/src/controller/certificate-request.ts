import { SealedSecretsError } from '@fuin/crypto-core';
import { type ControllerService, codeOfAnswer, describeAnswer } from './service.ts';

/** A certificate, or the recipients of format v2, as they came from the controller. */
export interface Fetched {
  readonly body: Uint8Array;
  readonly etag: string | undefined;
}

/**
 * Asks the controller for its certificate, or whether it is still that of `etag`.
 *
 * @throws ERR_API_UNAVAILABLE, ERR_API_REJECTED
 */
export async function requestCertificate(
  controller: ControllerService,
  etag: string | undefined,
): Promise<Fetched | 'not modified'> {
  const headers = { accept: 'application/x-pem-file, */*', ...(etag ? { 'if-none-match': etag } : {}) };
  const answer = await controller.send('/v1/cert.pem', { headers });
  if (answer.status === 304 && etag) return 'not modified';
  if (answer.status !== 200) {
    throw new SealedSecretsError(
      codeOfAnswer(answer),
      `cannot fetch certificate: ${describeAnswer(answer)}`,
      {
        hint: 'is the controller running? kubectl -n kube-system get pods',
      },
    );
  }
  const given = answer.headers['etag'];
  return { body: answer.body, etag: typeof given === 'string' ? given : undefined };
}
