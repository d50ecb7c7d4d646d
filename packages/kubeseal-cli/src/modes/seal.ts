import { sealSecret } from '@fuin/crypto-core';
import { openCertificate, parseCertificate } from '../certificate.ts';
import { type Invocation, readWholeInput } from '../invocation.ts';
import { orderSealedSecret } from '../order.ts';
import { formatManifest, outputFormat, writeOutput } from '../output.ts';
import { withProgress } from '../progress.ts';
import { explainUnsealed, readSecrets, warnOfLeaks } from '../secret-input.ts';

/** Seals the Secrets of the input. Nothing is written unless all of them succeed. */
export async function seal(invocation: Invocation): Promise<void> {
  const publicKey = await parseCertificate(await openCertificate(invocation), invocation);
  const secrets = await readSecrets(invocation, await readWholeInput(invocation));
  const format = outputFormat(invocation);
  const { flags, io } = invocation;
  const outcomes = await withProgress(io, { doing: 'sealing', total: secrets.length }, (step) =>
    Promise.allSettled(secrets.map(({ secret }) => sealSecret(secret, publicKey, flags.scope).finally(step))),
  );
  const texts = outcomes.map((outcome, index) => {
    if (outcome.status === 'rejected') throw explainUnsealed(outcome.reason, secrets[index]?.label ?? '');
    return formatManifest(orderSealedSecret(outcome.value), format);
  });
  for (const input of secrets) await warnOfLeaks(input, invocation.warn);
  await writeOutput(invocation, texts.join(''));
}
