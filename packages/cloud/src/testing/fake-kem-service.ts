import { decapsulate, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** What a request to KMS may hold here. */
interface Asked {
  readonly KeyId?: string;
  readonly EncapsulationAlgorithm?: string;
  readonly SharedSecretCiphertextBlob?: string;
}

/** A stand-in for the ML-KEM keys of AWS KMS. */
export interface FakeKms {
  readonly url: string;
  /** ARN of its key. */
  readonly arn: string;
  /** What it was asked, such as `Decapsulate`. */
  readonly actions: string[];
  /** From the next call on. */
  isDisabled: boolean;
  close(): Promise<void>;
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
  const server = createServer(async (request, response) => {
    const [, action = ''] = /^TrentService\.(\w+)$/.exec(String(request.headers['x-amz-target'])) ?? [];
    const asked = (await json(request)) as Asked;
    state.actions.push(action);
    const isSigned = /^AWS4-HMAC-SHA256 Credential=\S+\/eu-central-1\/kms\/aws4_request, /.test(
      request.headers.authorization ?? '',
    );
    if (!isSigned) refuse(response, 'MissingAuthenticationTokenException');
    else if (asked.KeyId !== arn) refuse(response, 'NotFoundException');
    else if (state.isDisabled) refuse(response, 'DisabledException');
    else answer(response, action, { asked, key });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return Object.assign(state, { url: `http://127.0.0.1:${port}`, close });
}

interface Work {
  readonly asked: Asked;
  readonly key: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
}

function answer(response: ServerResponse, action: string, { asked, key }: Work): void {
  const { KeyId, EncapsulationAlgorithm } = asked;
  const ciphertext = Buffer.from(asked.SharedSecretCiphertextBlob ?? '', 'base64');
  if (action === 'GetPublicKey') {
    const der = key.publicKey.export({ format: 'der', type: 'spki' });
    const about = { KeySpec: 'ML_KEM_768', KeyUsage: 'ENCAPSULATE_DECAPSULATE' };
    send(response, { KeyId, ...about, PublicKey: der.toString('base64') });
  } else if (action !== 'Decapsulate' || EncapsulationAlgorithm !== 'ML_KEM') {
    refuse(response, 'ValidationException');
  } else if (ciphertext.length !== CIPHERTEXT_BYTES) {
    refuse(response, 'InvalidCiphertextException');
  } else {
    const SharedSecret = decapsulate(key.privateKey, ciphertext).toString('base64');
    send(response, { KeyId, SharedSecret, EncapsulationAlgorithm });
  }
}

function send(response: ServerResponse, fields: object): void {
  response.setHeader('content-type', 'application/x-amz-json-1.1').end(JSON.stringify(fields));
}

function refuse(response: ServerResponse, kind: string): void {
  response.writeHead(400).end(JSON.stringify({ __type: kind, message: 'said by the service' }));
}
