import { bearerIn, type FakeAnswer, type FakeRequest, ok } from './json-server.ts';

/** What a test sees and changes of a fake key service, and of the fake that gives tokens for it. */
export interface TokenService {
  /** Requests for tokens so far. */
  tokenRequests: number;
  /** How long tokens are good for. */
  lifeSeconds: number;
  /** Those that the key service takes; without them it is like one whose clock is ahead. */
  readonly tokens: Set<string>;
  /** Answers everything in place of the key service. */
  refusal: FakeAnswer | undefined;
  /** The same for requests for tokens. */
  tokenRefusal: FakeAnswer | undefined;
  /** Changes what the key service answers. */
  spoil: ((fields: Record<string, unknown>) => object) | undefined;
  /** The token of a service account that is exchanged for one of these. */
  readonly subjectToken: string;
  /** What no message may hold. */
  readonly secrets: string[];
}

/** One that refuses nothing. */
export function newTokenService(subjectToken: string, lifeSeconds: number): TokenService {
  return {
    tokenRequests: 0,
    lifeSeconds,
    tokens: new Set(),
    refusal: undefined,
    tokenRefusal: undefined,
    spoil: undefined,
    subjectToken,
    secrets: [subjectToken],
  };
}

/** Makes the key service take a token. */
export function issue(token: string, { tokens, secrets }: TokenService): void {
  tokens.add(token);
  secrets.push(token);
}

/**
 * What the key service answers.
 *
 * @param unauthorized for a request without a token that counts
 * @param answer for others
 */
export async function answerOf(
  request: FakeRequest,
  { refusal, tokens, spoil }: TokenService,
  unauthorized: FakeAnswer,
  answer: (request: FakeRequest) => FakeAnswer | Promise<FakeAnswer>,
): Promise<FakeAnswer> {
  if (refusal) return refusal;
  if (!tokens.has(bearerIn(request.headers))) return unauthorized;
  const given = await answer(request);
  return given.status === 200 && spoil ? ok(spoil({ ...given.fields })) : given;
}
