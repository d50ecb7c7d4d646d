import {
  constants,
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { type FakeAnswer, type FakeRequest, type JsonServer, ok, startJsonServer } from './json-server.ts';
import { answerOf, issue, newTokenService, type TokenService } from './token-service.ts';

/** Which key the vault has. */
export type FakeKeyType = 'RSA' | 'oct-HSM' | 'EC';

/**
 * The routes of Azure's published REST APIs that a wrapper needs: get, wrapkey and unwrapkey of Key Vault,
 * and the token endpoint of Entra ID.
 */
export interface FakeAzure extends JsonServer, TokenService {
  /** Identifier of the only key. */
  readonly key: string;
  readonly tenant: string;
  readonly clientId: string;
  /** Versions of the key so far; the last one is the newest. */
  readonly versions: { readonly id: string; isEnabled: boolean }[];
  /** When a token should be renewed, although it is good for longer; undefined where nothing is said. */
  refreshInSeconds: number | undefined;
  rotate(): void;
}

interface Version {
  readonly id: string;
  isEnabled: boolean;
  readonly rsa: KeyObject;
  readonly aes: Buffer;
}

const AES_KW_IV = Buffer.alloc(8, 0xa6);
const PATH = /^\/keys\/sealed-secrets(?:\/([0-9a-f]{32})\/(wrapkey|unwrapkey))?\?api-version=7\.4$/;
const TENANT = '11111111-1111-1111-1111-111111111111';
const CLIENT = '22222222-2222-2222-2222-222222222222';

/** The only key: its versions, and what a vault does with them. */
class FakeKey {
  readonly versions: Version[] = [newVersion()];
  readonly kty: FakeKeyType;
  readonly id: string;
  /** What a token must be for. */
  readonly resource: string;

  constructor(kty: FakeKeyType) {
    this.kty = kty;
    this.resource = `${kty === 'oct-HSM' ? 'managedhsm' : 'vault'}.azure.net`;
    this.id = `https://shop-prod.${this.resource}/keys/sealed-secrets`;
  }

  /** What a request to the key gives, for somebody who may use it. */
  answer({ path, body }: FakeRequest): FakeAnswer {
    const place = PATH.exec(path);
    const [, id, operation] = place ?? [];
    const version = id === undefined ? this.versions.at(-1) : this.versions.find((each) => each.id === id);
    if (!place || !version) return error(404, 'KeyNotFound');
    if (!version.isEnabled) return error(403, 'Forbidden', 'KeyDisabled');
    const kid = `${this.id}/${version.id}`;
    if (id === undefined) return ok({ key: { kid, kty: this.kty }, attributes: { enabled: true } });
    const { alg, value } = JSON.parse(body) as { alg: string; value: string };
    if (alg !== (this.kty === 'RSA' ? 'RSA-OAEP-256' : 'A256KW')) return error(400, 'BadParameter');
    try {
      const result = this.#crypt(operation === 'wrapkey', Buffer.from(value, 'base64url'), version);
      return ok({ kid, value: result.toString('base64url') });
    } catch {
      return error(400, 'BadParameter');
    }
  }

  #crypt(isWrap: boolean, bytes: Buffer, { rsa, aes }: Version): Buffer {
    if (this.kty === 'RSA') {
      const options = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
      return isWrap
        ? publicEncrypt({ key: createPublicKey(rsa), ...options }, bytes)
        : privateDecrypt({ key: rsa, ...options }, bytes);
    }
    const create = isWrap ? createCipheriv : createDecipheriv;
    const cipher = create('id-aes256-wrap', aes, AES_KW_IV);
    return Buffer.concat([cipher.update(bytes), cipher.final()]);
  }
}

/** Starts it on this machine. */
export async function startFakeAzure(kty: FakeKeyType = 'RSA'): Promise<FakeAzure> {
  const key = new FakeKey(kty);
  const service = newTokenService(`e30.${randomBytes(16).toString('hex')}.c2ln`, 86_400);
  const newToken = ({ path, body }: FakeRequest): FakeAnswer => {
    fake.tokenRequests++;
    const refused = fake.tokenRefusal ?? loginRefusal(path, new URLSearchParams(body), fake, key.resource);
    if (refused) return refused;
    const token = `eyJ.${randomBytes(16).toString('hex')}.c2ln`;
    issue(token, service);
    const { lifeSeconds: expires_in, refreshInSeconds: refresh_in } = fake;
    return ok({ token_type: 'Bearer', expires_in, refresh_in, access_token: token });
  };
  const server = await startJsonServer((request) =>
    request.path.includes('/oauth2/v2.0/token')
      ? newToken(request)
      : answerOf(request, service, error(401, 'Unauthorized'), (allowed) => key.answer(allowed)),
  );
  const fake: FakeAzure = Object.assign(service, server, {
    key: key.id,
    tenant: TENANT,
    clientId: CLIENT,
    versions: key.versions,
    refreshInSeconds: undefined,
    rotate: () => void key.versions.push(newVersion()),
  });
  return fake;
}

/** Why Entra ID gives no token. */
function loginRefusal(
  path: string,
  form: URLSearchParams,
  { subjectToken }: FakeAzure,
  resource: string,
): FakeAnswer | undefined {
  const said = String(form);
  if (!path.startsWith(`/${TENANT}/`)) return loginError('invalid_request', 90_002, said);
  if (form.get('client_id') !== CLIENT) return loginError('unauthorized_client', 700_016, said);
  if (form.get('client_assertion') !== subjectToken) return loginError('invalid_client', 700_213, said);
  if (form.get('scope')?.includes(`https://${resource}/.default`)) return undefined;
  return loginError('invalid_resource', 500_011, said);
}

function newVersion(): Version {
  const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { id: randomBytes(16).toString('hex'), isEnabled: true, rsa, aes: randomBytes(32) };
}

/** An error as Key Vault writes it. */
export function error(status: number, code: string, inner?: string): FakeAnswer {
  const innererror = inner === undefined ? {} : { innererror: { code: inner } };
  return { status, fields: { error: { code, message: 'not to be shown', ...innererror } } };
}

/** An error as Entra ID writes it: it says too much. */
function loginError(kind: string, number: number, quoted: string): FakeAnswer {
  const said = { error: kind, error_description: `AADSTS${number}: ${quoted}`, error_codes: [number] };
  return { status: kind === 'invalid_client' ? 401 : 400, fields: said };
}
