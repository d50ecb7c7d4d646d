import type { TextKey } from '../texts/texts.ts';

/** What messages mean and what to do, in the words of docs/troubleshooting.md, by a part of the message. */
export const EXPLANATIONS: readonly (readonly [part: string, text: TextKey])[] = [
  ['data does not contain any valid RSA or ECDSA certificates', 'otherFile'],
  ['the certificate cannot be read', 'otherFile'],
  ['expected RSA public key but found another kind of key', 'notRsa'],
  ['is not a Kubernetes object', 'notManifest'],
  ['is not valid YAML', 'syntaxError'],
  ['no secrets found', 'nothingFound'],
  ['not a Secret', 'otherKind'],
  ['illegal base64 data', 'plainData'],
];

/** The explanation of a message; undefined for one that needs none. */
export function explanationOf(message: string): TextKey | undefined {
  return EXPLANATIONS.find(([part]) => message.includes(part))?.[1];
}
