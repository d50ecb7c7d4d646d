import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32c } from '../google/crc32c.ts';
import { type Body, checkedBytes, error, notEnabled, type VersionState } from './google-answers.ts';
import { type FakeAnswer, type FakeRequest, type JsonServer, ok, startJsonServer } from './json-server.ts';
import { answerOf, issue, newTokenService, type TokenService } from './token-service.ts';

/**
 * The routes of Google's published REST API that are needed here: those of a key of Cloud KMS, the token of
 * the metadata server, and the exchange of tokens (STS).
 */
export interface FakeGoogle extends JsonServer, TokenService {
  /** Resource name of the only key. */
  readonly key: string;
  /** By version, from 1 on; of a symmetric key the last one encrypts. */
  readonly states: VersionState[];
  /** Requests to the key so far. */
  keyRequests: number;
  /** How long the key service thinks about each. */
  delayMs: number;
  rotate(): void;
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
  const service = newTokenService(`subject-${randomBytes(16).toString('hex')}`, 3600);
  const newToken = (): FakeAnswer => {
    service.tokenRequests++;
    if (service.tokenRefusal) return service.tokenRefusal;
    const token = `ya29.${randomBytes(16).toString('hex')}`;
    issue(token, service);
    const issued = { access_token: token, expires_in: service.lifeSeconds, token_type: 'Bearer' };
    return ok({ ...issued, issued_token_type: 'urn:ietf:params:oauth:token-type:access_token' });
  };
  const tokenRoute = ({ path, headers, body }: FakeRequest): FakeAnswer | undefined => {
    if (path.startsWith(METADATA_TOKEN))
      return headers['metadata-flavor'] === 'Google' ? metadata(newToken()) : error(403, 'PERMISSION_DENIED');
    if (path !== '/v1/token') return undefined;
    const isKnown = new URLSearchParams(body).get('subject_token') === service.subjectToken;
    const refused = { status: 400, fields: { error: 'invalid_grant', error_description: body } };
    return isKnown ? newToken() : refused;
  };
  const route = async (request: FakeRequest) => {
    const answer = tokenRoute(request);
    if (answer) return answer;
    fake.keyRequests++;
    await sleep(fake.delayMs);
    return answerOf(request, service, error(401, 'UNAUTHENTICATED'), (allowed) => key.answer(allowed));
  };
  const server = await startJsonServer(route);
  const fake: FakeGoogle = Object.assign(service, server, {
    key: key.name,
    states: key.states,
    keyRequests: 0,
    delayMs: 0,
    rotate: () => key.rotate(),
  });
  return fake;
}

function metadata(answer: FakeAnswer): FakeAnswer {
  return { ...answer, headers: { ...answer.headers, 'metadata-flavor': 'Google' } };
}
