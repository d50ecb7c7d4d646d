import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ApiObject } from '../support/api/types.ts';
import { startCluster } from '../support/cluster/cluster.ts';
import type { Controller } from '../support/processes/controller-process.ts';
import { peerProblem } from '../support/tools/peer.ts';
import { World } from '../support/world.ts';
import { type Answer, ask, ROWS, type Row, sample } from './requests.ts';

const problem = peerProblem();
const ARGS = ['--key-renew-period=0'];

const startAtHome = (world: World, ...args: readonly string[]) =>
  world.start(`--additional-namespaces=${world.home}`, ...args);

describe.skipIf(problem !== undefined)(`the HTTP API beside upstream's (${problem ?? 'both run'})`, () => {
  let ours: World;
  let upstreams: World;
  let sealed: { object: ApiObject; certificatePem: string };

  beforeAll(async () => {
    const limit = ['--rate-limit=1000', '--rate-limit-burst=1000'];
    ours = await World.on(await startCluster(), { args: ARGS });
    upstreams = await ours.beside({ by: 'upstream', args: ARGS });
    for (const world of [ours, upstreams]) await startAtHome(world, ...limit);
    const certificatePem = await ours.certificate();
    sealed = { certificatePem, object: await sample(certificatePem) };
  });
  afterAll(() => ours?.end());

  const askIn = ({ controller }: World, row: Row) => ask(controller.url, row, sealed);

  it.each(ROWS)('$title', async ({ differs, ...row }) => {
    const [our, their] = await Promise.all([askIn(ours, row), askIn(upstreams, row)]);
    const expected = differs ? { ...their, ...differs.ours } : their;
    if (row.path === '/v1/cert.pem') expect(their.body.length > 0).toBe(row.method !== 'HEAD');
    expect(comparable(our)).toEqual(comparable(expected));
    if (differs) expect(their, `no difference any more: ${differs.why}`).not.toEqual(expected);
  });

  it('a body of 4 MiB is refused by ours alone: section 7 row 8', async () => {
    const body = (object: ApiObject) => JSON.stringify({ ...object, padding: 'x'.repeat(4 * 1024 * 1024) });
    const row: Row = { title: '', method: 'POST', path: '/v1/verify', body };
    const [our, their] = await Promise.all([askIn(ours, row), askIn(upstreams, row)]);
    expect(their.status).toBe(200);
    expect(our.status).toBe(413);
  });

  describe('with a rate limit of one request a second and two more', () => {
    let limited: Controller[];
    beforeAll(async () => {
      const worlds = [await ours.beside({ args: ARGS }), await ours.beside({ by: 'upstream', args: ARGS })];
      for (const world of worlds) await startAtHome(world, '--rate-limit=1', '--rate-limit-burst=2');
      limited = worlds.map(({ controller }) => controller);
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

/** Upstream's SealedSecrets lack kind and apiVersion, which nobody misses; v0.27.1 also has null times. */
function comparable(answer: Answer): Answer {
  if (!answer.body.startsWith('{')) return answer;
  const { kind: _kind, apiVersion: _apiVersion, ...object } = JSON.parse(answer.body);
  const body = JSON.stringify(object, (_field, value) => value ?? undefined);
  return { ...answer, body };
}
