/** Texts for people and shells that are made from the flag table. */
export function extraText(_command: string | undefined, _shell: string | undefined): string | undefined {
  return undefined;
}
