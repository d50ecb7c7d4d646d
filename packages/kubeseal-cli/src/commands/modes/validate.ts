import { SealedSecretsError } from '@fuin/crypto-core';
import { type ControllerService, codeOfAnswer, describeAnswer } from '../../controller/service.ts';
import { inAskedPlace } from '../../input/asked-place.ts';
import { readSealedSecrets, type SealedInput } from '../../input/sealed-secrets.ts';
import { whyUnopened } from '../../inspect/why-unopened.ts';
import type { Invocation } from '../../invocation/invocation.ts';
import { readAllInputs } from '../../io/inputs.ts';
import { withProgress } from '../../output/progress.ts';
import { openPinnedController } from '../access/pinned-controller.ts';

const CONFLICT = 409;

/**
 * Asks the controller whether it can open each SealedSecret; prints nothing when it can, stops at the first
 * that it cannot.
 */
export async function validate(invocation: Invocation): Promise<void> {
  const { io, target, typedPlace, warn } = invocation;
  const read: SealedInput[] = [];
  for (const input of await readAllInputs(invocation.inputs, io))
    read.push(...(await readSealedSecrets(input, warn)));
  const inputs = inAskedPlace(read, target.namespace, typedPlace);
  const controller = await openPinnedController(invocation);
  try {
    await withProgress(io, { doing: 'validating', total: inputs.length }, async (step) => {
      for (const input of inputs) {
        await validateOne(input, controller);
        step();
      }
    });
  } finally {
    await controller.close();
  }
}

async function validateOne(
  { sealedSecret, label }: SealedInput,
  controller: ControllerService,
): Promise<void> {
  const answer = await controller.send('/v1/verify', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(sealedSecret),
  });
  if (answer.status < 300) return;
  if (answer.status === CONFLICT) {
    throw new SealedSecretsError(
      'ERR_NO_KEY_OPENS_VALUE',
      `unable to decrypt sealed secret: ${sealedSecret.metadata.name ?? ''}`,
      {
        hint: `in ${label}: ${whyUnopened(sealedSecret)}`,
      },
    );
  }
  throw new SealedSecretsError(
    codeOfAnswer(answer),
    `cannot validate sealed secret: ${describeAnswer(answer)}`,
    { hint: `in ${label}` },
  );
}
