import { decapsulate, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type FakeAnswer, type JsonServer, startJsonServer } from './json-server.ts';

/** What a request to KMS may hold here. */
interface Asked {
  readonly KeyId?: string;
  readonly EncapsulationAlgorithm?: string;
  readonly SharedSecretCiphertextBlob?: string;
}

/** A stand-in for the ML-KEM keys of AWS KMS. */
export interface FakeKms extends JsonServer {
  /** ARN of its key. */
  readonly arn: string;
  /** What it was asked, such as `Decapsulate`. */
  readonly actions: string[];
  /** From the next call on. */
  isDisabled: boolean;
}

const CIPHERTEXT_BYTES = 1088;

/**
 * A stand-in for AWS KMS with one ML-KEM-768 key, made from the published reference of its API. Its key is a
 * real one: like KMS it answers a wrong ciphertext with a pseudo-random secret. It looks at the form of a
 * signature and checks none.
 */
export async function startFakeKms(): Promise<FakeKms> {
  const key = generateKeyPairSync('ml-kem-768');
  const arn = 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  const state = { arn, actions: [] as string[], isDisabled: false };
  const server = await startJsonServer(({ headers, body }) => {
    const [, action = ''] = /^TrentService\.(\w+)$/.exec(String(headers['x-amz-target'])) ?? [];
    const asked = JSON.parse(body) as Asked;
    state.actions.push(action);
    const isSigned = /^AWS4-HMAC-SHA256 Credential=\S+\/eu-central-1\/kms\/aws4_request, /.test(
      headers.authorization ?? '',
    );
    if (!isSigned) return refused('MissingAuthenticationTokenException');
    if (asked.KeyId !== arn) return refused('NotFoundException');
    if (state.isDisabled) return refused('DisabledException');
    return answer(action, asked, key);
  });
  return Object.assign(state, server);
}

interface MlKemKey {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function answer(action: string, asked: Asked, { publicKey, privateKey }: MlKemKey): FakeAnswer {
  const { KeyId, EncapsulationAlgorithm, SharedSecretCiphertextBlob = '' } = asked;
  if (action === 'GetPublicKey') {
    const der = publicKey.export({ format: 'der', type: 'spki' });
    const about = { KeySpec: 'ML_KEM_768', KeyUsage: 'ENCAPSULATE_DECAPSULATE' };
    return given({ KeyId, ...about, PublicKey: der.toString('base64') });
  }
  if (action !== 'Decapsulate' || EncapsulationAlgorithm !== 'ML_KEM') return refused('ValidationException');
  const ciphertext = Buffer.from(SharedSecretCiphertextBlob, 'base64');
  if (ciphertext.length !== CIPHERTEXT_BYTES) return refused('InvalidCiphertextException');
  const SharedSecret = decapsulate(privateKey, ciphertext).toString('base64');
  return given({ KeyId, SharedSecret, EncapsulationAlgorithm });
}

function given(fields: object): FakeAnswer {
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, fields };
}

function refused(kind: string): FakeAnswer {
  return { status: 400, fields: { __type: kind, message: 'said by the service' } };
}
