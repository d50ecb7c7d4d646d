import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import { storeKey, type TestKey, testKey } from '../support/cluster/key-secret.ts';
import { peerProblem } from '../support/tools/peer.ts';
import { type Answer, ask, ROWS, type Row, sample } from './requests.ts';
import { type Side, startOurs, startUpstream } from './side.ts';
import { Stage } from './stage.ts';

const problem = peerProblem();

describe.skipIf(problem !== undefined)(`the HTTP API beside upstream's (${problem ?? 'both run'})`, () => {
  let stage: Stage;
  let ours: Side;
  let upstreams: Side;
  let key: TestKey;
  let sealed: { object: ApiObject; certificatePem: string };

  const begin = async (start: typeof startOurs, ...args: string[]) => {
    const home = await stage.namespace('home');
    await storeKey(stage.client, home, { key, name: 'key' });
    return stage.start(start, { home, watched: [home], args: ['--key-renew-period=0', ...args] });
  };
  beforeAll(async () => {
    stage = await Stage.open();
    key = await testKey('a', 1);
    const limit = ['--rate-limit=1000', '--rate-limit-burst=1000'];
    ours = await begin(startOurs, ...limit);
    upstreams = await begin(startUpstream, ...limit);
    const { certificatePem } = key;
    sealed = { certificatePem, object: await sample(certificatePem) };
  });
  afterAll(() => stage?.close());

  it.each(ROWS)('$title', async ({ differs, ...row }) => {
    const [our, their] = await Promise.all([ask(ours.url, row, sealed), ask(upstreams.url, row, sealed)]);
    const expected = differs ? { ...their, ...differs.ours } : their;
    if (row.path === '/v1/cert.pem') expect(their.body.length > 0).toBe(row.method !== 'HEAD');
    expect(comparable(our)).toEqual(comparable(expected));
    if (differs) expect(their, `no difference any more: ${differs.why}`).not.toEqual(expected);
  });

  it('a body of 4 MiB is refused by ours alone: section 7 row 8', async () => {
    const body = (object: ApiObject) => JSON.stringify({ ...object, padding: 'x'.repeat(4 * 1024 * 1024) });
    const row: Row = { title: '', method: 'POST', path: '/v1/verify', body };
    const [our, their] = await Promise.all([ask(ours.url, row, sealed), ask(upstreams.url, row, sealed)]);
    expect(their.status).toBe(200);
    expect(our.status).toBe(413);
  });

  describe('with a rate limit of one request a second and two more', () => {
    let limited: Side[];
    beforeAll(async () => {
      const limit = ['--rate-limit=1', '--rate-limit-burst=2'];
      limited = [await begin(startOurs, ...limit), await begin(startUpstream, ...limit)];
    });
    const burst = async (url: string, header?: string): Promise<Response[]> => {
      const headers = (index: number) => (header ? { [header]: `192.0.2.${index}` } : {});
      return Promise.all(Array.from({ length: 6 }, (_, index) => fetch(url, { headers: headers(index) })));
    };
    const isLimited = ({ status }: Response) => status === 429;

    it('/v1/verify refuses what is too much with the same words and headers', async () => {
      const [our, their] = await Promise.all(
        limited.map(async ({ url }) => {
          const answers = await burst(`${url}/v1/verify`);
          const [refusal] = answers.filter(isLimited);
          const header = (name: string) => refusal?.headers.get(name);
          return {
            count: answers.filter(isLimited).length,
            body: await refusal?.text(),
            contentType: header('content-type'),
            limit: header('x-ratelimit-limit'),
            remaining: header('x-ratelimit-remaining'),
            hasReset: Number(header('x-ratelimit-reset')) > 0,
            retryAfter: header('retry-after'),
          };
        }),
      );
      expect(our).toEqual(their);
      expect(our).toMatchObject({
        count: 3,
        body: 'limit exceeded\n',
        limit: '3',
        remaining: '0',
        hasReset: true,
      });
    });

    it('/v1/rotate is limited by ours alone, at one rate with verify, whatever a header says: section 7 row 8', async () => {
      const [our, their] = await Promise.all(
        limited.map(async ({ url }) => (await burst(`${url}/v1/rotate`)).filter(isLimited).length),
      );
      expect({ our, their }).toEqual({ our: 6, their: 0 }); // verify has just used the rate up
      const [ours = 0, theirs = 0] = await Promise.all(
        limited.map(
          async ({ url }) => (await burst(`${url}/v1/verify`, 'x-forwarded-for')).filter(isLimited).length,
        ),
      );
      expect(ours).toBeGreaterThanOrEqual(3);
      expect(theirs).toBe(0);
    });
  });
});

/** Upstream's SealedSecrets lack kind and apiVersion, which nobody can miss, and v0.27.1's have times that are null. */
function comparable(answer: Answer): Answer {
  if (!answer.body.startsWith('{')) return answer;
  const { kind: _kind, apiVersion: _apiVersion, ...object } = JSON.parse(answer.body);
  const body = JSON.stringify(object, (_field, value) => value ?? undefined);
  return { ...answer, body };
}
