import { isNamespaceName } from '@fuin/crypto-core';
import { parseNames } from './flag-values.ts';

/** What is done about a SealedSecret that no allowed signer signed. */
export type SignerMode = 'off' | 'warn' | 'enforce';

/** Where SealedSecrets need a signature. */
export interface SignerRules {
  readonly byNamespace: ReadonlyMap<string, SignerMode>;
  readonly elsewhere: SignerMode;
}

const MODES: readonly SignerMode[] = ['off', 'warn', 'enforce'];
const FORM = 'must be off, warn or enforce, or MODE:NAMESPACE,NAMESPACE, or several of these with ; between';

/** The mode of a namespace. */
export function signerModeOf({ byNamespace, elsewhere }: SignerRules, namespace: string): SignerMode {
  return byNamespace.get(namespace) ?? elsewhere;
}

/**
 * Reads `MODE`, `MODE:NAMESPACE,NAMESPACE`, or several of these with `;` between. A mode without names is for
 * all other namespaces. Undefined if no namespace needs a signature.
 *
 * @throws Error for anything else, and for what is said twice
 */
export function parseSignerRules(text: string): SignerRules | undefined {
  const modes = new Map<string, SignerMode>();
  for (const part of text.split(';')) {
    const { mode, names } = partOf(part.trim());
    for (const name of names) {
      if (modes.has(name)) throw new Error(`says two things about ${name || 'all other namespaces'}`);
      modes.set(name, mode);
    }
  }
  if ([...modes.values()].every((mode) => mode === 'off')) return undefined;
  const elsewhere = modes.get('') ?? 'off';
  modes.delete('');
  return { byNamespace: modes, elsewhere };
}

/** The empty name stands for all other namespaces. */
function partOf(part: string): { readonly mode: SignerMode; readonly names: readonly string[] } {
  const [, word = '', list] = /^([a-z]+)(?::(.*))?$/s.exec(part) ?? [];
  const mode = MODES.find((each) => each === word);
  const names = list === undefined ? [''] : parseNames(list);
  if (!mode || names.length === 0) throw new Error(FORM);
  const wrong = list === undefined ? undefined : names.find((name) => !isNamespaceName(name));
  if (wrong !== undefined) throw new Error(`${JSON.stringify(wrong)} cannot be the name of a namespace`);
  return { mode, names };
}
