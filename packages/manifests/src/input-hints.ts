import { SealedSecretsError } from '@fuin/crypto-core';

/**
 * What an input without a manifest is, and what to do with it. Asked only after the input could not be read.
 */
const KINDS: readonly (readonly [looks: RegExp, hint: string])[] = [
  [
    /\{\{/,
    'it looks like a Helm template: render it first (helm template), or seal single values with --raw',
  ],
  [
    /^\S+\/\S+ (?:created|configured|unchanged)\b/m,
    'that is what kubectl says, not the Secret: add -o yaml to kubectl create secret --dry-run=client',
  ],
  [
    /^-----BEGIN /m,
    'it is PEM: --cert names a certificate, --recovery-private-key a key; kubectl create secret tls makes a Secret of both, --raw seals one',
  ],
  [
    /^(?:export )?[A-Za-z_]\w*=/m,
    'it looks like a file of variables: kubectl create secret generic NAME --from-env-file=FILE --dry-run=client -o yaml makes a Secret of it',
  ],
];

/** Adds to an error what kind of input could not be read as a manifest. */
export function explainInput(error: unknown, text: string): unknown {
  if (!(error instanceof SealedSecretsError)) return error;
  const known = KINDS.find(([looks]) => looks.test(text));
  if (!known) return error;
  return error.withHint(known[1]);
}
