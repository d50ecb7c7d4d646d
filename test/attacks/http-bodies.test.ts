import { API_VERSION } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { readSealedSecret } from '../../packages/controller/src/http/limits/body.ts';
import { testApi } from './http-server.ts';

const MIB = 1_048_576;

/** `{"kind":...,FIELDS}` with as many entries as fit into the largest body. */
function filled(before: string, part: (index: number) => string, after: string): string {
  const parts: string[] = [];
  for (let size = 1_000, index = 0; ; index++) {
    const next = part(index);
    size += next.length + 1;
    if (size > 3 * MIB) break;
    parts.push(next);
  }
  return `{"apiVersion":"${API_VERSION}","kind":"SealedSecret",${before}${parts.join(',')}${after}}`;
}

const entry = (text: string) => (index: number) => `"${index.toString(36)}":${text}`;

/** Why a body is refused; each of these reasons is found before anything is parsed. */
function refusalOf(text: string): string {
  try {
    readSealedSecret(Buffer.from(text));
  } catch (error) {
    return String(error);
  }
  return 'none';
}

describe('a body cannot hold up the event loop, which answers the liveness probe', () => {
  it.each([
    ['items that are numbers', filled('"spec":{"encryptedData":{', entry('0'), '}}')],
    ['items that are empty', filled('"spec":{"encryptedData":{', entry('""'), '}}')],
    ['items that are too short', filled('"spec":{"encryptedData":{', entry('"AAAA"'), '}}')],
    ['templates', filled('"spec":{"template":{"data":{', entry('"{{"'), '}}}')],
    ['annotations', filled('"metadata":{"annotations":{', entry('""'), '}}')],
    ['owner references', filled('"metadata":{"ownerReferences":[', () => '{}', ']}')],
    ['lists that nobody reads', filled('"x":[', () => '[]', ']')],
    ['JSON that is almost JSON', `{"a":[${'"b",'.repeat(700_000)}`],
  ])('with hundreds of thousands of %s', (_name, text) => {
    expect(text.length).toBeGreaterThan(2 * MIB);
    expect(refusalOf(text)).toContain('too many values');
  });
  it.each([
    ['keys that are keys of keys', '? '.repeat(60_000)],
    ['an open list', `[${'a,'.repeat(60_000)}`],
    ['commas', `[${','.repeat(120_000)}]`],
    ['brackets', '['.repeat(120_000)],
    ['directives', '%Y\n'.repeat(40_000)],
    ['repeated keys', 'a: b\n'.repeat(24_000)],
    ['far more than YAML may be', 'a: b\n'.repeat(600_000)],
    ['aliases of an empty list', `a: &a []\nb: [${'*a,'.repeat(40_000)}1]`],
  ])('with YAML of %s', (_name, text) => {
    expect(refusalOf(text)).toContain('too large for YAML');
  });
  it('with items that are malformed, as many as are read: the first one ends it', async () => {
    const encryptedData = Object.fromEntries(Array.from({ length: 16_000 }, (_, index) => [`i${index}`, '']));
    const payload = JSON.stringify({
      apiVersion: API_VERSION,
      kind: 'SealedSecret',
      spec: { encryptedData },
    });
    const { app } = await testApi();
    const codes = [];
    for (const url of ['/v1/verify', '/v1/rotate'])
      codes.push((await app.inject({ method: 'POST', url, payload })).statusCode);
    await app.close();
    expect(codes).toEqual([409, 500]);
  });
});

describe('an answer of rotate', () => {
  it('is bounded, whatever the aliases of the question stand for', async () => {
    const { app } = await testApi();
    const aliases = Array.from({ length: 90 }, (_, index) => `a${index}: *b`);
    const payload = [
      `apiVersion: ${API_VERSION}`,
      'kind: SealedSecret',
      'metadata: {name: x, namespace: n}',
      'spec:',
      '  encryptedData: {}',
      `  template: {metadata: {annotations: {first: &b ${'x'.repeat(1_000_000)}, ${aliases.join(', ')}}}}`,
    ].join('\n');
    const answer = await app.inject({ method: 'POST', url: '/v1/rotate', payload });
    await app.close();
    expect(answer.rawPayload.length).toBeLessThan(16 * MIB);
  });
});
