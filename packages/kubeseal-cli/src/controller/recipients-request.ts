import { SealedSecretsError } from '@fuin/crypto-core';
import type { Fetched } from './certificate-request.ts';
import { type ControllerService, codeOfAnswer, describeAnswer } from './service.ts';

/**
 * Asks the controller for its recipients of format v2, or whether they are still those of `etag`.
 *
 * @throws ERR_API_REJECTED where it has no key of format v2; ERR_API_UNAVAILABLE
 */
export async function requestRecipients(
  controller: ControllerService,
  etag: string | undefined,
): Promise<Fetched | 'not modified'> {
  const headers = { accept: 'application/json', ...(etag ? { 'if-none-match': etag } : {}) };
  const answer = await controller.send('/v2/recipients', { headers });
  if (answer.status === 304 && etag) return 'not modified';
  if (answer.status === 404)
    throw new SealedSecretsError('ERR_API_REJECTED', 'the controller has no key of format v2', {
      hint: "Fuin's controller makes one with its flag --v2-keys; upstream's cannot open format v2\nnothing was sealed: kubeseal never takes the RSA certificate instead",
    });
  if (answer.status !== 200)
    throw new SealedSecretsError(codeOfAnswer(answer), `cannot fetch recipients: ${describeAnswer(answer)}`, {
      hint: 'is the controller running? kubectl -n kube-system get pods',
    });
  const given = answer.headers['etag'];
  return { body: answer.body, etag: typeof given === 'string' ? given : undefined };
}
