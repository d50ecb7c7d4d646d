import { scopeOf } from '@fuin/crypto-core';
import type { TypedPlace } from '../invocation/options.ts';
import { usageError } from '../invocation/usage-error.ts';
import type { SealedInput } from './sealed-secrets.ts';

/**
 * The SealedSecrets as -n, --name and --scope want them: one without a namespace gets that of -n. What is
 * sealed already stays in its place, so a flag that says otherwise is refused.
 *
 * @param namespace of -n, also where a variable says it
 * @throws ERR_USAGE
 */
export function inAskedPlace(
  inputs: readonly SealedInput[],
  namespace: string,
  typed: TypedPlace,
): SealedInput[] {
  return inputs.map((input) => {
    const placed = withNamespace(input, namespace);
    refuseOtherPlace(placed, typed);
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

function refuseOtherPlace({ sealedSecret, label }: SealedInput, typed: TypedPlace): void {
  const { metadata } = sealedSecret;
  const scope = scopeOf(metadata.annotations);
  const place = [
    { flag: 'scope', own: scope, counts: true },
    { flag: 'namespace', own: metadata.namespace, counts: scope !== 'cluster-wide' },
    { flag: 'name', own: metadata.name, counts: scope === 'strict' },
  ] as const;
  for (const { flag, own, counts } of place) {
    const asked = typed[flag];
    if (!counts || asked === undefined || asked === own) continue;
    throw usageError(
      `--${flag} is ${asked} but ${label} has ${flag} ${own ?? '""'}`,
      'a sealed value cannot be moved: open it with --recovery-unseal and seal the Secret again',
    );
  }
}
