import {
  generateKeyPair,
  KeyRing,
  openItems,
  type SealedSecret,
  SIGNATURE,
  sealSecret,
} from '@fuin/crypto-core';
import { afterEach, describe, expect, it } from 'vitest';
import { watchedKey } from '../../../../../test/support/watched-key.ts';
import { httpScene, post, SECRET } from '../../testing/http-scene.ts';

interface Result {
  readonly status: number;
  readonly sealedSecret?: SealedSecret;
}

const scene = await httpScene();
const { sealed } = scene;
afterEach(() => scene.close());

const moved = (): SealedSecret => ({ ...sealed, metadata: { ...sealed.metadata, name: 'moved' } });
const resultsOf = ({ body }: { readonly body: string }) =>
  (JSON.parse(body) as { readonly results: readonly Result[] }).results;

describe('/v1/bulk/verify', () => {
  it('answers for each object, in order, with the status of /v1/verify', async () => {
    const items = [sealed, moved(), { kind: 'Secret' }, null, sealed];
    const answer = await post(scene.server(), '/v1/bulk/verify', { items });
    expect(answer).toMatchObject({ statusCode: 200 });
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(resultsOf(answer)).toEqual([200, 409, 500, 500, 200].map((status) => ({ status })));
  });
  it('opens legacy data as /v1/verify does', async () => {
    const legacy = {
      ...sealed,
      spec: { data: Object.values(sealed.spec.encryptedData)[0], encryptedData: {} },
    };
    for (const acceptV1Data of [true, false]) {
      const app = scene.server({ acceptV1Data });
      const single = await post(app, '/v1/verify', legacy);
      const [bulk] = resultsOf(await post(app, '/v1/bulk/verify', { items: [legacy] }));
      expect(bulk).toEqual({ status: single.statusCode });
    }
  });
  it.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['no list', '{"items":{}}'],
    ['YAML', 'items: []'],
  ])('answers an empty 500 to a body that is %s', async (_what, payload) => {
    expect(await post(scene.server(), '/v1/bulk/verify', payload)).toMatchObject({
      statusCode: 500,
      body: '',
    });
  });
  it('refuses more objects or items than it takes, before it opens one', async () => {
    let trials = 0;
    const ring = KeyRing.of(watchedKey(scene.newest.keyPair, () => void trials++));
    const app = () => scene.server({ keys: { keyRing: ring, newest: scene.newest, offeredV2: [] } });
    const [value = ''] = Object.values(sealed.spec.encryptedData);
    const manyItems = Object.fromEntries(
      Array.from({ length: 3_000 }, (_, at) => [`i${at}`, value.slice(0, 40)]),
    );
    const large = { ...sealed, spec: { encryptedData: manyItems } };
    for (const items of [Array.from({ length: 1_025 }, () => ({})), [large, large, large]])
      expect(await post(app(), '/v1/bulk/verify', { items })).toMatchObject({ statusCode: 413, body: '' });
    expect(trials).toBe(0);
  });
  it('is there for POST alone', async () => {
    expect((await scene.server().inject('/v1/bulk/verify')).statusCode).toBe(404);
  });
});

describe('/v1/bulk/rotate', () => {
  it('seals items of older keys again, and leaves those of the newest byte for byte', async () => {
    const current = await sealSecret(SECRET, scene.newest.keyPair);
    const answer = await post(scene.server(), '/v1/bulk/rotate', { items: [current, sealed, moved()] });
    const [same, fresh, refused] = resultsOf(answer);
    expect(same?.sealedSecret?.spec.encryptedData).toEqual(current.spec.encryptedData);
    const newest = KeyRing.of(scene.newest.keyPair);
    const { openedBy } = await openItems(fresh?.sealedSecret ?? expect.fail(), newest);
    expect([...openedBy.keys()]).toEqual(['password']);
    expect(refused).toEqual({ status: 500 });
  });
  it('returns no signature, like /v1/rotate: nobody signed what it sealed again', async () => {
    const annotations = { [SIGNATURE]: 'U1NIU0lH' };
    const signed = { ...sealed, metadata: { ...sealed.metadata, annotations } };
    const bulk = await post(scene.server(), '/v1/bulk/rotate', { items: [signed] });
    const single = await post(scene.server(), '/v1/rotate', signed);
    for (const answer of [bulk, single]) {
      expect(answer).toMatchObject({ statusCode: 200, body: expect.stringContaining('encryptedData') });
      expect(answer.body).not.toContain(SIGNATURE);
    }
  });
});

it('says of objects that it did not try them, once too many wrong keys were tried', async () => {
  const others = await Promise.all([1, 2, 3, 4].map(() => generateKeyPair(2048)));
  const keyRing = KeyRing.of(...others, scene.newest.keyPair);
  const app = scene.server({ keys: { keyRing, newest: scene.newest, offeredV2: [] } });
  const answer = await post(app, '/v1/bulk/verify', { items: Array.from({ length: 400 }, moved) });
  const statuses = resultsOf(answer).map(({ status }) => status);
  const tried = statuses.indexOf(429);
  expect(tried).toBeGreaterThanOrEqual(200); // five keys an object
  expect(tried).toBeLessThan(205);
  expect(new Set(statuses.slice(0, tried))).toEqual(new Set([409]));
  expect(new Set(statuses.slice(tried))).toEqual(new Set([429]));
});
