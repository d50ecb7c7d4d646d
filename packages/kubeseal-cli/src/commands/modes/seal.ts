import { scopeOf, sealSecret } from '@fuin/crypto-core';
import { formatManifest, orderSealedSecret } from '@fuin/manifests';
import { explainUnsealed, readSecrets, type SecretInput } from '../../input/secrets.ts';
import type { Invocation } from '../../invocation/invocation.ts';
import type { Warn } from '../../invocation/warnings.ts';
import { readFirstInput } from '../../io/inputs.ts';
import { outputFormat, writeOutput } from '../../output/output.ts';
import { withProgress } from '../../output/progress.ts';
import { openSealingKey } from '../access/certificate.ts';
import { noteCertificate } from '../access/used-certificate.ts';

/** Seals the Secrets of the input. Nothing is written unless all of them succeed. */
export async function seal(invocation: Invocation): Promise<void> {
  const { io, inputs, target, output, kubeconfig, format: terms, signingKey, warns, warn } = invocation;
  const recipient = await openSealingKey(invocation, terms.asked ?? 'v1');
  const place = { ...target, contextNamespace: kubeconfig.namespace };
  const secrets = await readSecrets(await readFirstInput(inputs, io), place, warn);
  const format = outputFormat(output.file, output.format);
  const outcomes = await withProgress(io, { doing: 'sealing', total: secrets.length }, (step) =>
    Promise.allSettled(
      secrets.map(({ secret }) => sealSecret(secret, recipient, target.scope, terms).finally(step)),
    ),
  );
  const sealed = outcomes.map((outcome, index) => {
    if (outcome.status === 'rejected') throw explainUnsealed(outcome.reason, secrets[index]?.label ?? '');
    return outcome.value;
  });
  const labels = secrets.map(({ label }) => label);
  const signed =
    signingKey === ''
      ? sealed
      : await (await import('./sign-sealed.ts')).signSealed(sealed, labels, invocation);
  const texts = signed.map((each) => formatManifest(orderSealedSecret(each), format));
  if (warns) {
    for (const each of secrets) await advise(each, target.isStrictAsked, warn);
    await noteCertificate(recipient, invocation);
    await (await import('../../input/lost-items.ts')).warnOfLostItems(sealed, output.file, io.cwd, warn);
  }
  await writeOutput(output.file, texts.join(''), io);
}

async function advise({ secret, label }: SecretInput, isStrictAsked: boolean, warn: Warn): Promise<void> {
  const { adviseOnScope, adviseOnSecret, adviseOnType } = await import('../../input/advice.ts');
  if (isStrictAsked) adviseOnScope(scopeOf(secret.metadata.annotations), `an annotation of ${label}`, warn);
  await adviseOnSecret(secret, label, warn);
  adviseOnType(secret, label, warn);
}
