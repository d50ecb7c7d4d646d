import { sealSecret } from '@fuin/crypto-core';
import { adviseOnOwnScope, adviseOnSecret, adviseOnType } from '../advice.ts';
import { openCertificate, parseCertificate } from '../certificate.ts';
import { type Invocation, readWholeInput } from '../invocation.ts';
import { orderSealedSecret } from '../order.ts';
import { formatManifest, outputFormat, writeOutput } from '../output.ts';
import { withProgress } from '../progress.ts';
import { explainUnsealed, readSecrets, type SecretInput } from '../secret-input.ts';

/** Seals the Secrets of the input. Nothing is written unless all of them succeed. */
export async function seal(invocation: Invocation): Promise<void> {
  const publicKey = await parseCertificate(await openCertificate(invocation), invocation);
  const secrets = await readSecrets(invocation, await readWholeInput(invocation));
  const format = outputFormat(invocation);
  const { flags, io } = invocation;
  const outcomes = await withProgress(io, { doing: 'sealing', total: secrets.length }, (step) =>
    Promise.allSettled(secrets.map(({ secret }) => sealSecret(secret, publicKey, flags.scope).finally(step))),
  );
  const sealed = outcomes.map((outcome, index) => {
    if (outcome.status === 'rejected') throw explainUnsealed(outcome.reason, secrets[index]?.label ?? '');
    return outcome.value;
  });
  const texts = sealed.map((each) => formatManifest(orderSealedSecret(each), format));
  if (invocation.warns) {
    await advise(secrets, invocation);
    await (await import('../certificate-note.ts')).noteCertificate(publicKey, invocation);
    await (await import('../lost-items.ts')).warnOfLostItems(sealed, invocation);
  }
  await writeOutput(invocation, texts.join(''));
}

async function advise(secrets: readonly SecretInput[], invocation: Invocation): Promise<void> {
  for (const { secret, label } of secrets) {
    adviseOnOwnScope(secret, label, invocation);
    await adviseOnSecret(secret, label, invocation);
    adviseOnType(secret, label, invocation);
  }
}
