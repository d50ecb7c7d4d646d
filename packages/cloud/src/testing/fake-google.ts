import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32c } from '../google/crc32c.ts';
import { type Body, checkedBytes, error, notEnabled, ok, type VersionState } from './google-answers.ts';
import {
  bearerIn,
  type FakeAnswer,
  type FakeRequest,
  type JsonServer,
  startJsonServer,
} from './json-server.ts';

/**
 * The routes of Google's published REST API that are needed here: those of a key of Cloud KMS, the token of
 * the metadata server, and the exchange of tokens (STS).
 */
export interface FakeGoogle extends Pick<JsonServer, 'url' | 'close'> {
  /** Resource name of the only key. */
  readonly key: string;
  /** By version, from 1 on; of a symmetric key the last one encrypts. */
  readonly states: VersionState[];
  /** Requests for tokens so far. */
  tokenRequests: number;
  /** Requests to the key so far. */
  keyRequests: number;
  /** How long the key service thinks about each. */
  delayMs: number;
  /** How long tokens are good for. */
  lifeSeconds: number;
  /** Those that the key service takes; without them it is like one whose clock is ahead. */
  readonly tokens: Set<string>;
  rotate(): void;
  /** Answers everything in place of the routes. */
  refusal: FakeAnswer | undefined;
  /** The same for tokens alone. */
  tokenRefusal: FakeAnswer | undefined;
  /** Changes what the key service answers. */
  spoil: ((fields: Record<string, unknown>) => object) | undefined;
  /** The token of a service account that STS takes. */
  readonly subjectToken: string;
  /** What no message may hold. */
  readonly secrets: readonly string[];
}

/** A key of Cloud KMS with its versions. */
export interface FakeKey extends Pick<FakeGoogle, 'states' | 'rotate'> {
  readonly name: string;
  /** What a request to the key gives, for somebody who may use it. */
  answer(request: FakeRequest): FakeAnswer | Promise<FakeAnswer>;
}

interface Parts {
  readonly aad: Buffer;
  readonly bytes: Buffer;
}

export const KEY_NAME = 'projects/shop-prod/locations/europe-west3/keyRings/k8s/cryptoKeys/sealed-secrets';

/** A symmetric key: its versions, and what Cloud KMS does with them. */
class FakeSymmetricKey implements FakeKey {
  readonly name = KEY_NAME;
  readonly states: VersionState[] = [];
  readonly #versions: Buffer[] = [];

  constructor() {
    this.rotate();
  }

  rotate(): void {
    this.#versions.push(randomBytes(32));
    this.states.push('ENABLED');
  }

  encrypt({ aad, bytes }: Parts): FakeAnswer {
    const version = this.#versions.length;
    const state = this.states[version - 1];
    if (state !== 'ENABLED') return notEnabled(state);
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#versions.at(-1) ?? '', nonce).setAAD(aad);
    const body = Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
    const ciphertext = Buffer.concat([Buffer.from([version]), nonce, body]);
    return ok({
      name: `${this.name}/cryptoKeyVersions/${version}`,
      ciphertext: ciphertext.toString('base64'),
      ciphertextCrc32c: String(crc32c(ciphertext)),
      verifiedPlaintextCrc32c: true,
      verifiedAdditionalAuthenticatedDataCrc32c: true,
      protectionLevel: 'SOFTWARE',
    });
  }

  decrypt({ aad, bytes }: Parts): FakeAnswer {
    const version = bytes[0] ?? 0;
    const [secret, state] = [this.#versions[version - 1], this.states[version - 1]];
    if (!secret || bytes.length < 30) return error(400, 'INVALID_ARGUMENT');
    if (state !== 'ENABLED') return notEnabled(state);
    try {
      const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(1, 13)).setAAD(aad);
      decipher.setAuthTag(bytes.subarray(-16));
      const plain = Buffer.concat([decipher.update(bytes.subarray(13, -16)), decipher.final()]);
      const usedPrimary = version === this.#versions.length;
      return ok({ plaintext: plain.toString('base64'), plaintextCrc32c: String(crc32c(plain)), usedPrimary });
    } catch {
      return error(400, 'INVALID_ARGUMENT');
    }
  }

  answer({ path, body: text }: FakeRequest): FakeAnswer {
    const [, name, action] = /^\/v1\/(.+):(encrypt|decrypt)$/.exec(path) ?? [];
    if (name !== this.name) return error(404, 'NOT_FOUND');
    const body = JSON.parse(text) as Body;
    const aad = checkedBytes(body, 'additionalAuthenticatedData');
    const bytes = checkedBytes(body, action === 'encrypt' ? 'plaintext' : 'ciphertext');
    if (!aad || !bytes) return error(400, 'INVALID_ARGUMENT');
    return action === 'encrypt' ? this.encrypt({ aad, bytes }) : this.decrypt({ aad, bytes });
  }
}

const METADATA_TOKEN = '/computeMetadata/v1/instance/service-accounts/default/token';

/** Starts it on this machine, with one key. */
export async function startFakeGoogle(key: FakeKey = new FakeSymmetricKey()): Promise<FakeGoogle> {
  const tokens = new Set<string>();
  const subjectToken = `subject-${randomBytes(16).toString('hex')}`;
  const secrets: string[] = [subjectToken];
  const newToken = (): FakeAnswer => {
    fake.tokenRequests++;
    if (fake.tokenRefusal) return fake.tokenRefusal;
    const token = `ya29.${randomBytes(16).toString('hex')}`;
    tokens.add(token);
    secrets.push(token);
    const issued = { access_token: token, expires_in: fake.lifeSeconds, token_type: 'Bearer' };
    return ok({ ...issued, issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' });
  };
  const tokenRoute = ({ path, headers, body }: FakeRequest): FakeAnswer | undefined => {
    if (path.startsWith(METADATA_TOKEN))
      return headers['metadata-flavor'] === 'Google' ? metadata(newToken()) : error(403, 'PERMISSION_DENIED');
    if (path !== '/v1/token') return undefined;
    const isKnown = new URLSearchParams(body).get('subject_token') === subjectToken;
    const refused = { status: 400, fields: { error: 'invalid_grant', error_description: body } };
    return isKnown ? newToken() : refused;
  };
  const keyRoute = async (request: FakeRequest): Promise<FakeAnswer> => {
    if (fake.refusal) return fake.refusal;
    if (!tokens.has(bearerIn(request.headers))) return error(401, 'UNAUTHENTICATED');
    const answer = await key.answer(request);
    return answer.status === 200 && fake.spoil ? ok(fake.spoil({ ...answer.fields })) : answer;
  };
  const route = async (request: FakeRequest) => {
    const answer = tokenRoute(request);
    if (answer) return answer;
    fake.keyRequests++;
    await sleep(fake.delayMs);
    return keyRoute(request);
  };
  const server = await startJsonServer(route);
  const fake: FakeGoogle = {
    ...server,
    key: key.name,
    states: key.states,
    tokenRequests: 0,
    keyRequests: 0,
    delayMs: 0,
    lifeSeconds: 3600,
    tokens,
    rotate: () => key.rotate(),
    refusal: undefined,
    tokenRefusal: undefined,
    spoil: undefined,
    subjectToken,
    secrets,
  };
  return fake;
}

function metadata(answer: FakeAnswer): FakeAnswer {
  return { ...answer, headers: { ...answer.headers, 'metadata-flavor': 'Google' } };
}
