import { API_VERSION, encodeBase64, encodeUtf8, encryptionLabel, type SealedSecret } from '@fuin/crypto-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, testApi } from './http-server.ts';

const CLUSTER_WIDE = { 'sealedsecrets.bitnami.com/cluster-wide': 'true' };
const NAMESPACE_WIDE = { 'sealedsecrets.bitnami.com/namespace-wide': 'true' };
const UNLIMITED = { perSecond: 1e6, burst: 1e6 };
let api: TestApi;

beforeAll(async () => {
  api = await testApi(UNLIMITED);
});

afterAll(() => api.app.close());

async function sealed(text: string, namespace = 'n', name = 'x'): Promise<string> {
  const label = encryptionLabel('strict', namespace, name);
  return encodeBase64(await api.keyPair.seal(encodeUtf8(text), label));
}

interface Change {
  readonly metadata?: object;
  readonly template?: object;
  readonly data?: string;
}

function manifest(encryptedData: object, { metadata = {}, template, data }: Change = {}): string {
  return JSON.stringify({
    apiVersion: API_VERSION,
    kind: 'SealedSecret',
    metadata: { name: 'x', namespace: 'n', ...metadata },
    spec: { encryptedData, ...(template ? { template } : {}), ...(data ? { data } : {}) },
  });
}

async function ask(route: 'verify' | 'rotate', payload: string, headers: Record<string, string> = {}) {
  const answer = await api.app.inject({ method: 'POST', url: `/v1/${route}`, payload, headers });
  const names = Object.keys(answer.headers).filter((name) => !/^(date|x-ratelimit)/.test(name));
  return { status: answer.statusCode, body: answer.body, names: names.sort() };
}

/** Values that fail for different reasons, all of the same shape to anyone who asks. */
async function failures(): Promise<Record<string, string>> {
  const good = await sealed('p');
  const bytes = Buffer.from(good, 'base64');
  const flipped = (at: number) => {
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy.toString('base64');
  };
  return {
    'tampered wrapped key': manifest({ a: flipped(20) }),
    'tampered ciphertext': manifest({ a: flipped(2 + 256) }),
    'tampered tag': manifest({ a: flipped(bytes.length - 1) }),
    'another name': manifest({ a: good }, { metadata: { name: 'y' } }),
    'another namespace': manifest({ a: good }, { metadata: { namespace: 'm' } }),
    'a wider scope': manifest({ a: good }, { metadata: { annotations: CLUSTER_WIDE } }),
    'a length of no key': manifest({ a: encodeBase64(Uint8Array.from([0, 9, ...new Uint8Array(64)])) }),
    'too short': manifest({ a: 'AAAA' }),
    'no base64': manifest({ a: '!' }),
  };
}

describe('verify and rotate', () => {
  it.each(['verify', 'rotate'] as const)('%s answers every way of failing alike', async (route) => {
    const answers = new Map<string, string[]>();
    for (const [name, payload] of Object.entries(await failures())) {
      const text = JSON.stringify(await ask(route, payload));
      answers.set(text, [...(answers.get(text) ?? []), name]);
    }
    expect([...answers.values()]).toHaveLength(1);
  });

  it.each([
    '{{ fail .a }}',
    '{{ if hasPrefix "p" .a }}{{ fail "x" }}{{ end }}',
    '{{ range $i := until 999999999 }}x{{ end }}',
    '{{ nonsense',
  ])('render no template: %s changes no answer', async (text) => {
    const encryptedData = { a: await sealed('p') };
    const template = { data: { b: text } };
    expect((await ask('verify', manifest(encryptedData, { template }))).status).toBe(200);
    const rotated = await ask('rotate', manifest(encryptedData, { template }));
    expect(rotated.status).toBe(200);
    expect((JSON.parse(rotated.body) as SealedSecret).spec.template).toEqual(template);
  });

  it('rotate takes the scope from what opened the value, never from the template', async () => {
    const template = { metadata: { annotations: { ...CLUSTER_WIDE, ...NAMESPACE_WIDE } } };
    const rotated = await ask('rotate', manifest({ a: await sealed('p') }, { template }));
    const object = JSON.parse(rotated.body) as SealedSecret;
    expect(object.metadata).toEqual({ name: 'x', namespace: 'n' });
    expect((await ask('verify', rotated.body)).status).toBe(200);
    for (const metadata of [{ annotations: CLUSTER_WIDE }, { annotations: NAMESPACE_WIDE }, { name: 'y' }]) {
      expect((await ask('verify', manifest(object.spec.encryptedData, { metadata }))).status).toBe(409);
    }
  });

  it('rotate shows nothing of a legacy envelope, which holds metadata too', async () => {
    const data = await sealed(JSON.stringify({ metadata: { labels: { canary: 'x' } }, data: {} }));
    expect(await ask('rotate', manifest({}, { data }))).toMatchObject({ status: 500, body: '' });
  });

  it('open no value of a namespace whose name is a path into another', async () => {
    const value = await sealed('p', 'n', 'x');
    const metadata = { namespace: 'n/x', name: 'y', annotations: NAMESPACE_WIDE };
    expect((await ask('verify', manifest({ a: value }, { metadata }))).status).toBe(409);
    expect((await ask('rotate', manifest({ a: value }, { metadata }))).status).toBe(500);
  });

  it('write nothing about what they were asked', async () => {
    const payload = manifest({ 'canary-item': 'AAAA' }, { metadata: { name: 'canary-name' } });
    for (const route of ['verify', 'rotate'] as const) await ask(route, payload);
    await api.app.inject({ method: 'POST', url: '/v1/verify?canary', payload: 'canary: [' });
    await api.app.inject({ method: 'GET', url: '/%zz-canary' });
    expect(api.lines.join('')).not.toContain('canary');
  });
});

describe('the limit of a peer', () => {
  it('does not listen to headers that the peer writes', async () => {
    const limited = await testApi();
    const statuses: number[] = [];
    for (let index = 0; index < 6; index++) {
      const address = `10.0.0.${index}`;
      const headers = { 'x-forwarded-for': address, 'x-real-ip': address, forwarded: `for=${address}` };
      const answer = await limited.app.inject({ method: 'POST', url: '/v1/verify', payload: '{}', headers });
      statuses.push(answer.statusCode);
    }
    await limited.app.close();
    expect(statuses.slice(-3)).toEqual([429, 429, 429]);
  });
});
