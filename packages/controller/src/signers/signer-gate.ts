import {
  type AllowedSigner,
  checkSignature,
  parseSealedSecret,
  SealedSecretsError,
  type SignatureState,
} from '@fuin/crypto-core';
import { type KubeObject, keyText, type ObjectKey } from '@fuin/kube/client';
import { type SignerMode, type SignerRules, signerModeOf } from '../config/signer-rules.ts';

/** What a signature is worth here. `no-list`: nobody can say, since the list of signers cannot be used. */
export type SignerFinding = SignatureState | 'no-list';

/** What is wrong about a SealedSecret, as a message says it. */
const SAYS: Readonly<Record<SignerFinding, string>> = {
  good: '',
  missing: 'it has no signature',
  unreadable: 'its signature cannot be read',
  stale: 'it is not what was signed',
  'unknown-signer': 'its signer is not among the allowed signers',
  'untimely-signer': 'its signer may not sign at this time',
  'no-list': 'the file of allowed signers cannot be used',
};

/** How many objects lack a signature that counts, by mode and finding. */
export interface SignerCounts {
  readonly mode: Exclude<SignerMode, 'off'>;
  readonly finding: Exclude<SignerFinding, 'good'>;
  readonly count: number;
}

/** What the gate decides by. */
export interface SignerGateDeps {
  readonly rules: SignerRules;
  /** Who may sign now; undefined while nobody knows. */
  readonly signers: () => readonly AllowedSigner[] | undefined;
}

/** Lets through the SealedSecrets that an allowed signer signed, where the rules ask for that. */
export class SignerGate {
  readonly #deps: SignerGateDeps;
  /** Objects without a signature that counts. */
  readonly #unsigned = new Map<string, Omit<SignerCounts, 'count'>>();

  constructor(deps: SignerGateDeps) {
    this.#deps = deps;
  }

  /** Whether SealedSecrets of a namespace need a signature. */
  asksIn(namespace: string): boolean {
    return signerModeOf(this.#deps.rules, namespace) !== 'off';
  }

  /**
   * Judges one version of an object, with one signature and one key. Costs nothing where no signature is
   * needed.
   *
   * @returns what is wrong and only reported, in words; empty for nothing
   * @throws ERR_SIGNER_REQUIRED, ERR_SIGNERS_UNREADABLE where what is wrong is refused; ERR_MANIFEST_INVALID
   */
  async check(key: ObjectKey, object: KubeObject, now: Date): Promise<string> {
    const mode = signerModeOf(this.#deps.rules, key.namespace);
    if (mode === 'off') return '';
    const finding = await this.#findingOf(object, now);
    if (finding === 'good') {
      this.forget(key);
      return '';
    }
    this.#unsigned.set(keyText(key), { mode, finding });
    if (mode === 'warn') return SAYS[finding];
    throw refusal(key, finding);
  }

  /** The object is gone. */
  forget(key: ObjectKey): void {
    this.#unsigned.delete(keyText(key));
  }

  /** Another replica judges from now on. */
  forgetAll(): void {
    this.#unsigned.clear();
  }

  counts(): readonly SignerCounts[] {
    const counted = new Map<string, SignerCounts>();
    for (const { mode, finding } of this.#unsigned.values()) {
      const name = `${mode} ${finding}`;
      counted.set(name, { mode, finding, count: (counted.get(name)?.count ?? 0) + 1 });
    }
    return [...counted.values()];
  }

  async #findingOf(object: KubeObject, now: Date): Promise<SignerFinding> {
    const signers = this.#deps.signers();
    if (!signers) return 'no-list';
    return (await checkSignature(parseSealedSecret(object), { signers, now })).state;
  }
}

function refusal(key: ObjectKey, finding: SignerFinding): SealedSecretsError {
  const code = finding === 'no-list' ? 'ERR_SIGNERS_UNREADABLE' : 'ERR_SIGNER_REQUIRED';
  const message = `${keyText(key)} is refused: ${SAYS[finding]}, and --require-signer asks for a signature here`;
  return new SealedSecretsError(code, message);
}
