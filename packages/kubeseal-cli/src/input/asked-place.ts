import { scopeOf } from '@fuin/crypto-core';
import { type Invocation, isTyped, usageError } from '../invocation/invocation.ts';
import type { SealedInput } from './sealed-secrets.ts';

/**
 * The SealedSecrets as -n, --name and --scope want them: one without a namespace gets that of -n. What is sealed already stays in its
 * place, so a flag that says otherwise is refused; one that only a variable sets is meant for sealing and does not count.
 *
 * @throws ERR_USAGE
 */
export function inAskedPlace(inputs: readonly SealedInput[], invocation: Invocation): SealedInput[] {
  return inputs.map((input) => {
    const placed = withNamespace(input, invocation.flags.namespace);
    refuseOtherPlace(placed, invocation);
    return placed;
  });
}

function withNamespace(input: SealedInput, namespace: string): SealedInput {
  const { sealedSecret, document } = input;
  if (
    !namespace ||
    sealedSecret.metadata.namespace ||
    scopeOf(sealedSecret.metadata.annotations) === 'cluster-wide'
  )
    return input;
  const metadata = { ...sealedSecret.metadata, namespace };
  const value = { ...document.value, metadata: { ...Object(document.value['metadata']), namespace } };
  return { ...input, sealedSecret: { ...sealedSecret, metadata }, document: { ...document, value } };
}

function refuseOtherPlace({ sealedSecret, label }: SealedInput, invocation: Invocation): void {
  const { flags } = invocation;
  const { metadata } = sealedSecret;
  const scope = scopeOf(metadata.annotations);
  const place = [
    { flag: 'scope', own: scope, counts: true },
    { flag: 'namespace', own: metadata.namespace, counts: scope !== 'cluster-wide' },
    { flag: 'name', own: metadata.name, counts: scope === 'strict' },
  ] as const;
  for (const { flag, own, counts } of place) {
    const asked = flags[flag];
    if (!counts || !asked || asked === own || !isTyped(invocation, flag)) continue;
    throw usageError(
      `--${flag} is ${asked} but ${label} has ${flag} ${own ?? '""'}`,
      'what is sealed already stays in its place; to move it, open it with --recovery-unseal and seal the Secret anew',
    );
  }
}
