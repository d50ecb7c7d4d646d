import {
  type KeyPair,
  KeyRing,
  openItems,
  type SealedSecret,
  sealSecret,
  valueFactsOf,
} from '@fuin/crypto-core';
import { groupRecipients, importRecipient, parseRecipient } from '@fuin/crypto-core/v2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SealingKey } from '../../keys/key-secret.ts';
import { readXWingSecret } from '../../keys/x-wing-secret.ts';
import { CANARY, type HttpScene, httpScene, post, SECRET } from '../../testing/http-scene.ts';
import { xWingKeySecret } from '../../testing/recorders.ts';
import type { CurrentKeys } from '../limits/guard.ts';

let scene: HttpScene;
let [older, newer, foreign] = [] as SealingKey[];
let keys: CurrentKeys;
const made = async (name: string, month: number) =>
  readXWingSecret(await xWingKeySecret(name, { notBefore: new Date(Date.UTC(2026, month, 1)) }));
beforeAll(async () => {
  scene = await httpScene();
  [older, newer, foreign] = [await made('older', 0), await made('newer', 1), await made('foreign', 2)];
  const ring = [newer, older].map(({ keyPair }) => keyPair);
  keys = {
    keyRing: KeyRing.of(scene.newest.keyPair, scene.older.keyPair, ...ring),
    newest: scene.newest,
    offeredV2: [newer, older],
  };
});
afterAll(() => scene.close());

const pair = (key: SealingKey | undefined) => key?.keyPair as KeyPair;
const recipientOf = (key: SealingKey | undefined) => importRecipient(parseRecipient(key?.published ?? ''));
const expiresAt = new Date('2030-01-02T03:04:05Z');
const factsIn = ({ spec }: SealedSecret) => Object.values(spec.encryptedData).map(valueFactsOf);

describe('/v2/recipients', () => {
  it('lists what one may seal with, newest first', async () => {
    const answer = await scene.server({ keys }).inject('/v2/recipients');
    expect(answer.headers).toMatchObject({ 'content-type': expect.stringContaining('application/json') });
    expect(answer.json()).toEqual({
      recipients: [newer, older].map((key) => ({
        id: key?.keyPair.id,
        recipient: expect.stringMatching(/^fuin1/),
        suite: 1,
        notBefore: key?.notBefore.toISOString().replace('.000', ''),
        notAfter: key?.notAfter.toISOString().replace('.000', ''),
        format: 'v2',
      })),
    });
  });
  it.each([
    ['the tag', (etag: string) => etag],
    ['a weak tag', (etag: string) => `W/${etag}`],
    ['a list with it', (etag: string) => `"x", ${etag}`],
    ['any', () => '*'],
  ])('answers 304 and nothing else to %s', async (_what, header) => {
    const app = scene.server({ keys });
    const etag = String((await app.inject('/v2/recipients')).headers['etag']);
    const headers = { 'if-none-match': header(etag) };
    const again = await app.inject({ url: '/v2/recipients', headers });
    expect([again.statusCode, again.body, again.headers['etag']]).toEqual([304, '', etag]);
    const other = await scene.server({ keys: { ...keys, offeredV2: [newer as SealingKey] } }).inject({
      url: '/v2/recipients',
      headers: { 'if-none-match': etag },
    });
    expect(other.statusCode).toBe(200);
  });
  it('takes no other tag for its own, whatever stands in it', async () => {
    const app = scene.server({ keys });
    const etag = String((await app.inject('/v2/recipients')).headers['etag']);
    const headers = { 'if-none-match': `${etag.slice(0, 9)}W/${etag.slice(9)}` };
    expect((await app.inject({ url: '/v2/recipients', headers })).statusCode).toBe(200);
  });
  it('answers 404 while there is no such key, and leaves /v1/cert.pem as it is', async () => {
    const app = scene.server();
    expect((await app.inject('/v2/recipients')).statusCode).toBe(404);
    const before = await app.inject('/v1/cert.pem');
    const after = await scene.server({ keys }).inject('/v1/cert.pem');
    expect(after.body).toBe(before.body);
  });
});

describe.each(['/v1/rotate', '/v1/bulk/rotate'])('%s', (url) => {
  const rotate = async (sealed: SealedSecret, given: CurrentKeys = keys) => {
    const app = scene.server({ keys: given });
    const isBulk = url.includes('bulk');
    const answer = await post(app, url, isBulk ? { items: [sealed] } : sealed);
    expect(answer.body).not.toContain(CANARY);
    if (!isBulk) return { status: answer.statusCode, sealedSecret: parsed(answer.body) };
    const [result] = answer.json().results;
    return result as { status: number; sealedSecret?: SealedSecret };
  };
  it('seals a value of format v2 for the newest key of that format, on its terms', async () => {
    const sealed = await sealSecret(SECRET, pair(older), 'strict', { bindsItem: true, expiresAt });
    const { status, sealedSecret } = await rotate(sealed);
    expect(status).toBe(200);
    const facts = { format: 'v2', recipients: [newer?.keyPair.id], bindsItem: true, expiresAt };
    expect(sealedSecret && factsIn(sealedSecret)).toEqual([facts]);
    expect((await openItems(sealedSecret as SealedSecret, keys.keyRing)).values.size).toBe(1);
  });
  it('lets each item of an object keep its format', async () => {
    const [v1, v2] = [await sealSecret(SECRET, scene.older.keyPair), await sealSecret(SECRET, pair(older))];
    const encryptedData = {
      a: v1.spec.encryptedData['password'] ?? '',
      b: v2.spec.encryptedData['password'] ?? '',
    };
    const { sealedSecret } = await rotate({ ...v1, spec: { encryptedData } });
    expect(sealedSecret && factsIn(sealedSecret).map(({ format }) => format)).toEqual(['v1', 'v2']);
  });
  it('refuses a value for several keys, of which it would lose one, and one without a key to seal with', async () => {
    const both = groupRecipients([await recipientOf(older), await recipientOf(foreign)]);
    const sealed = await sealSecret(SECRET, both);
    expect(await rotate(sealed)).toEqual({ status: 500, sealedSecret: undefined });
    const single = await sealSecret(SECRET, pair(older));
    expect(await rotate(single, { ...keys, offeredV2: [] })).toEqual({
      status: 500,
      sealedSecret: undefined,
    });
  });
});

describe('/v1/bulk/rotate', () => {
  it('keeps a value that is sealed for the newest key beside others', async () => {
    const both = groupRecipients([await recipientOf(newer), await recipientOf(foreign)]);
    const sealed = await sealSecret(SECRET, both);
    const answer = await post(scene.server({ keys }), '/v1/bulk/rotate', { items: [sealed] });
    expect(answer.json().results[0].sealedSecret.spec).toEqual(sealed.spec);
  });
});

it('/v1/verify opens values of format v2, and no moved one', async () => {
  const sealed = await sealSecret(SECRET, pair(older), 'strict', { bindsItem: true, expiresAt });
  const app = scene.server({ keys });
  expect((await post(app, '/v1/verify', sealed)).statusCode).toBe(200);
  const { password = '' } = sealed.spec.encryptedData;
  const renamed = { ...sealed, spec: { encryptedData: { other: password } } };
  expect((await post(app, '/v1/verify', renamed)).statusCode).toBe(409);
});

function parsed(body: string): SealedSecret | undefined {
  return body === '' ? undefined : (JSON.parse(body) as SealedSecret);
}
