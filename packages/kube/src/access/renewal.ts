import { readFile } from 'node:fs/promises';
import { type MonotonicClock, systemClock } from '../time/clock.ts';

/** What a plugin or an auth provider issued; cert and key are PEM. */
export interface IssuedCredentials {
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
  /** When they expire, in milliseconds since 1970; without it they last until a server refuses them. */
  readonly expiresMs?: number;
}

/** Asks for credentials, which are kept until they expire; `wasRefused` asks for new ones. */
export type CredentialSource = (wasRefused?: boolean) => Promise<IssuedCredentials>;

/**
 * Credentials that were just issued count for so long, whatever date they have: our own clock may be ahead.
 */
const FRESH_MS = 10_000;

/**
 * Keeps what `issue` gives until it expires or a server refuses it. Callers wait while it is being issued.
 */
export function keepUntilExpiry(
  issue: () => Promise<IssuedCredentials>,
  clock: MonotonicClock = systemClock,
): CredentialSource {
  let issuing: Promise<IssuedCredentials> | undefined;
  let kept: { readonly credentials: IssuedCredentials; readonly issuedMs: number } | undefined;
  const renew = async (): Promise<IssuedCredentials> => {
    try {
      const credentials = await issue();
      kept = { credentials, issuedMs: clock.now() };
      return credentials;
    } finally {
      issuing = undefined;
    }
  };
  return async (wasRefused = false) => {
    if (issuing !== undefined) return await issuing;
    const isFresh = kept !== undefined && clock.now() - kept.issuedMs < FRESH_MS;
    const isValid = (kept?.credentials.expiresMs ?? Number.POSITIVE_INFINITY) > Date.now();
    if (kept && !wasRefused && (isFresh || isValid)) return kept.credentials;
    issuing = renew();
    return await issuing;
  };
}

const MAX_AGE_MS = 30_000;

/** A small text file that others replace now and then: read again after half a minute, or on request. */
export class CachedFile {
  readonly #path: string;
  readonly #clock: MonotonicClock;
  #text: string | undefined;
  #readMs = 0;

  constructor(path: string, clock: MonotonicClock = systemClock) {
    this.#path = path;
    this.#clock = clock;
  }

  /** The text; the last known one while the file cannot be read. Rejects only when it never could. */
  async read(isStale = false): Promise<string> {
    if (this.#text !== undefined && !isStale && this.#clock.now() - this.#readMs < MAX_AGE_MS)
      return this.#text;
    try {
      this.#text = await readFile(this.#path, 'utf8');
      this.#readMs = this.#clock.now();
    } catch (error) {
      if (this.#text === undefined) throw error;
    }
    return this.#text;
  }
}
