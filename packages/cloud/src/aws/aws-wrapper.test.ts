import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { CONTEXT, failureOf } from '../testing/wrapper-contract.ts';
import { openAwsWrapper } from './aws-wrapper.ts';

const ARN = 'arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-0000-0000-000000000000';
const DATA_KEY = new Uint8Array(32).fill(7);
const QUOTED = 'what was sent comes back';
/** What a call fails with, which says whether to wait, and the hint, which says what to do. */
const WAIT = ['ERR_KEY_SERVICE_UNAVAILABLE'];
const act = (hint?: string) => ['ERR_KEY_SERVICE_REJECTED', hint];

/** Refusals that the stand-in of the interop suite does not give, as the API reference has them. */
describe('a refusal of AWS KMS', () => {
  let server: Server;
  let answer = { status: 400, type: '' };
  beforeAll(async () => {
    server = createServer((_request, response) => {
      response.writeHead(answer.status).end(JSON.stringify({ __type: answer.type, message: QUOTED }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  beforeEach(() => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  });
  afterEach(() => void vi.unstubAllEnvs());
  afterAll(() => void server.close());

  it.each([
    ['throttling', 400, 'ThrottlingException', WAIT],
    ['a limit', 400, 'com.amazonaws.kms#LimitExceededException', WAIT],
    ['a fault inside', 500, 'KMSInternalException', WAIT],
    ['a timeout of a dependency', 503, 'DependencyTimeoutException', WAIT],
    ['a missing right', 400, 'AccessDeniedException', act('kms:Encrypt and kms:Decrypt')],
    ['a disabled key', 400, 'DisabledException', act('aws kms enable-key')],
    ['a key that waits for its deletion', 400, 'KMSInvalidStateException', act('waits for its deletion')],
    ['another region', 400, 'NotFoundException', act('in this region')],
    ['a clock that is wrong', 400, 'InvalidSignatureException', act('the clock of this machine')],
    ['expired credentials', 400, 'ExpiredTokenException', act('have expired')],
    ['a wrong ciphertext', 400, 'InvalidCiphertextException', act('it is damaged')],
    ['a word that nobody knows', 400, 'NewException', act()],
    ['a word that is none', 400, `x\u001b[31m ${QUOTED}\n`, act()],
  ])(
    'for %s says whether to wait and what to do, and quotes nothing',
    async (_what, status, type, [code, hint]) => {
      answer = { status, type };
      const { port } = server.address() as AddressInfo;
      const wrapper = openAwsWrapper(ARN, { env: { AWS_ENDPOINT_URL_KMS: `http://127.0.0.1:${port}` } });
      for (const call of [wrapper.wrap, wrapper.unwrap, wrapper.rewrap]) {
        const failure = await failureOf(call(DATA_KEY, CONTEXT));
        expect(failure.code).toBe(code);
        if (hint === undefined) expect(failure.hint).toBeUndefined();
        else expect(failure.hint).toContain(hint);
        expect(`${failure.message}${failure.hint}`).not.toMatch(new RegExp(`${QUOTED}|\\u001b`));
      }
      await wrapper.close();
    },
  );
});
