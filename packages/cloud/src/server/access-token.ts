import { rejected, unavailable } from '../faults.ts';
import type { KeyAnswer, KeyRequest, KeyServer } from './key-server.ts';

/**
 * Gets a token from where the platform keeps it.
 *
 * @param isRenewal whether the service refused the last one, so that none that is kept helps
 */
export type TokenFetch = (isRenewal: boolean) => Promise<string>;

/** A token that many calls need at the same time: it is got once for all of them. */
export class AccessToken {
  readonly #who: string;
  readonly #fetch: TokenFetch;
  #last: string | undefined;
  #fetching: Promise<string> | undefined;

  /**
   * @param who for messages
   * @param fetch keeps tokens as long as they are valid; its errors must be safe to show
   */
  constructor(who: string, fetch: TokenFetch) {
    this.#who = who;
    this.#fetch = fetch;
  }

  /**
   * @param refused the token that the service has just refused
   * @throws ERR_KEY_SERVICE_UNAVAILABLE where the signal ends first, and what the fetch throws
   */
  async get(signal: AbortSignal, refused?: string): Promise<string> {
    const isRenewal = refused !== undefined && refused === this.#last;
    const fetching = this.#fetching ?? this.#fetch(isRenewal);
    this.#fetching = fetching;
    try {
      const token = tokenIn(await inTime(fetching, signal, this.#who), this.#who);
      this.#last = token;
      return token;
    } finally {
      // after a fetch that hangs too: the next call starts anew
      if (this.#fetching === fetching) this.#fetching = undefined;
    }
  }
}

/**
 * Asks with a token. One that the service refuses is got once more: by the service's clock it may have
 * expired, or it was revoked.
 */
export async function askAs(
  token: AccessToken,
  server: KeyServer,
  path: string,
  { headers, ...request }: KeyRequest,
): Promise<KeyAnswer> {
  const { signal } = request;
  const send = (bearer: string) =>
    server.ask(path, { ...request, headers: { ...headers, authorization: `Bearer ${bearer}` } });
  const first = await token.get(signal);
  const answer = await send(first);
  if (answer.status !== 401) return answer;
  const second = await token.get(signal, first);
  return second === first ? answer : send(second);
}

/** What work gives, unless the signal ends first. @throws ERR_KEY_SERVICE_UNAVAILABLE then */
export async function inTime<T>(work: Promise<T>, signal: AbortSignal, who: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const stop = () => reject(unavailable(who, 'no answer in time'));
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, late]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** What a header may hold. @throws ERR_KEY_SERVICE_REJECTED */
export function tokenIn(text: string, who: string): string {
  const token = text.trim();
  if (/^[\x21-\x7e]{1,16384}$/.test(token)) return token;
  throw rejected(who, 'what should be its token is none');
}
