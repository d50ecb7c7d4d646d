import { API_VERSION } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { readSealedSecret } from '../../packages/controller/src/http/body.ts';
import { testApi } from './http-server.ts';

const MIB = 1_048_576;

function readMs(text: string): number {
  const startMs = performance.now();
  try {
    readSealedSecret(Buffer.from(text));
  } catch {
    // refused, which is fine; only the time counts
  }
  return performance.now() - startMs;
}

describe('a body cannot hold up the event loop, which answers the liveness probe', () => {
  it.each([
    ['keys that are keys of keys', '? '.repeat(60_000)],
    ['an open list', `[${'a,'.repeat(60_000)}`],
    ['brackets', '['.repeat(120_000)],
    ['directives', '%Y\n'.repeat(40_000)],
    ['repeated keys', 'a: b\n'.repeat(24_000)],
    ['far more than YAML may be', 'a: b\n'.repeat(600_000)],
    ['JSON that is almost JSON', `{"a":[${'"b",'.repeat(700_000)}`],
  ])('%s', (_name, text) => {
    expect(readMs(text)).toBeLessThan(5_000);
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
