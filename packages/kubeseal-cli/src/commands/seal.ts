import { sealSecret } from '@fuin/crypto-core';
import { formatManifest, orderSealedSecret } from '@fuin/manifests';
import { openCertificate, readSealingKey } from '../certificate/certificate.ts';
import { adviseOnOwnScope, adviseOnSecret, adviseOnType } from '../input/advice.ts';
import { explainUnsealed, readSecrets, type SecretInput } from '../input/secrets.ts';
import { type Invocation, readWholeInput } from '../invocation/invocation.ts';
import { outputFormat, writeOutput } from '../output/output.ts';
import { withProgress } from '../output/progress.ts';

/** Seals the Secrets of the input. Nothing is written unless all of them succeed. */
export async function seal(invocation: Invocation): Promise<void> {
  const recipient = await readSealingKey(await openCertificate(invocation), invocation);
  const secrets = await readSecrets(invocation, await readWholeInput(invocation));
  const format = outputFormat(invocation);
  const { flags, io } = invocation;
  const outcomes = await withProgress(io, { doing: 'sealing', total: secrets.length }, (step) =>
    Promise.allSettled(secrets.map(({ secret }) => sealSecret(secret, recipient, flags.scope).finally(step))),
  );
  const sealed = outcomes.map((outcome, index) => {
    if (outcome.status === 'rejected') throw explainUnsealed(outcome.reason, secrets[index]?.label ?? '');
    return outcome.value;
  });
  const texts = sealed.map((each) => formatManifest(orderSealedSecret(each), format));
  if (invocation.warns) {
    await advise(secrets, invocation);
    await (await import('../certificate/note.ts')).noteCertificate(recipient, invocation);
    await (await import('../input/lost-items.ts')).warnOfLostItems(sealed, invocation);
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
