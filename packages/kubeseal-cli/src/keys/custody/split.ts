import { SealedSecretsError } from '@fuin/crypto-core';
import { bech32 } from '@scure/base';
import { usageError } from '../../invocation/usage-error.ts';
import { checkOf, IDENTITY_KINDS, newSetId, type Share } from './share.ts';

/** As many as Shamir's scheme over bytes has places for. */
export const MOST_SHARES = 255;

/** A share and what messages call it. */
export interface GivenShare {
  readonly share: Share;
  readonly where: string;
}

/**
 * Splits an identity of age into shares (Shamir, over GF(2^8)). Fewer than `threshold` of them tell nothing
 * about it.
 *
 * @throws ERR_USAGE for counts that are not possible; ERR_KEY_INVALID for an identity that cannot be split
 */
export async function splitIdentity(
  identity: string,
  { threshold, total }: { readonly threshold: number; readonly total: number },
): Promise<Share[]> {
  const { kind, secret } = secretOf(identity);
  const { split } = await import('shamir-secret-sharing');
  const [set, check] = [newSetId(), checkOf(await recipientOf(identity))];
  try {
    const values = await split(secret, total, threshold);
    return values.map((value, at) => ({
      ...{ kind, threshold, total, set, check },
      index: at + 1,
      value: new Uint8Array(value),
    }));
  } finally {
    secret.fill(0);
  }
}

/**
 * Joins shares to the identity that was split, and proves that it is that one.
 *
 * @throws ERR_KEY_INVALID where there are too few, or one is of another split, given twice or wrong
 */
export async function joinShares(given: readonly GivenShare[]): Promise<string> {
  const [first] = given;
  if (!first) throw usageError('there is no share');
  const { kind, threshold, total, check } = first.share;
  for (const each of given.slice(1)) refuseOther(first, each);
  const seen = new Map<number, string>();
  for (const { share, where } of given) {
    const earlier = seen.get(share.index);
    if (earlier !== undefined)
      throw invalid(`share ${share.index} is there twice, in ${earlier} and ${where}`);
    seen.set(share.index, where);
  }
  if (given.length < threshold)
    throw invalid(
      `${threshold} of the ${total} shares are needed, and ${given.length} ${given.length === 1 ? 'is' : 'are'} there`,
    );
  const identity = formatIdentity(kind, await combined(given));
  const isTrue = Buffer.from(checkOf(await recipientOf(identity))).equals(check);
  if (!isTrue) throw wrongShares();
  return identity;
}

/** A new identity of age. */
export async function newIdentity(isPostQuantum: boolean): Promise<string> {
  const { generateHybridIdentity, generateX25519Identity } = await import('age-encryption');
  return isPostQuantum ? generateHybridIdentity() : generateX25519Identity();
}

/** The recipient of an identity. @throws ERR_KEY_INVALID, never quoting it */
export async function recipientOf(identity: string): Promise<string> {
  const { identityToRecipient } = await import('age-encryption');
  return identityToRecipient(identity).catch(() => {
    throw invalid('the identity is none that kubeseal can use');
  });
}

async function combined(given: readonly GivenShare[]): Promise<Uint8Array> {
  const { combine } = await import('shamir-secret-sharing');
  return combine(given.map(({ share }) => share.value)).catch(() => {
    throw wrongShares(); // two of them claim the same place
  });
}

/** Everything but index and value is the same in all shares of one split. */
function refuseOther(first: GivenShare, other: GivenShare): void {
  const [a, b] = [first.share, other.share];
  const isSame =
    Buffer.from(a.set).equals(b.set) &&
    Buffer.from(a.check).equals(b.check) &&
    a.kind === b.kind &&
    a.threshold === b.threshold &&
    a.total === b.total;
  if (!isSame) throw invalid(`${first.where} and ${other.where} hold shares of different splits`);
}

function secretOf(identity: string): { kind: Share['kind']; secret: Uint8Array } {
  const kind = [...IDENTITY_KINDS].reverse().find((each) => identity.toUpperCase().startsWith(`${each}1`));
  if (!kind) throw invalid('only identities that age-keygen makes can be split, not those of plugins');
  try {
    const { words } = bech32.decode(identity.toLowerCase() as `${string}1${string}`, false);
    return { kind, secret: bech32.fromWords(words) };
  } catch {
    throw invalid('the identity is damaged');
  }
}

function formatIdentity(kind: Share['kind'], secret: Uint8Array): string {
  try {
    return bech32.encode(kind, bech32.toWords(secret), false).toUpperCase();
  } finally {
    secret.fill(0);
  }
}

function wrongShares(): SealedSecretsError {
  return new SealedSecretsError('ERR_KEY_INVALID', 'the shares do not give the key that was split', {
    hint: 'at least one of them was changed; try other ones',
  });
}

function invalid(message: string): SealedSecretsError {
  return new SealedSecretsError('ERR_KEY_INVALID', message);
}
