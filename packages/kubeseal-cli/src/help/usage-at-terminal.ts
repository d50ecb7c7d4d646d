import { visible } from '@fuin/crypto-core';

/** What is said where a manifest would have to be typed, in upstream's words as far as it has any. */
export function usageAtTerminal(program: string, typedHint: string | undefined): string {
  return visible(`(tty detected: expecting json/yaml k8s resource in stdin)
usage: ${program} [flags] < secret.yaml > sealedsecret.yaml; or: ${program} [flags] -f secret.yaml -w sealedsecret.yaml
hint: ${program} --help lists the flags
${typedHint === undefined ? '' : `hint: ${typedHint}\n`}`);
}
