import { KEY_ANNOTATIONS, KEY_LABEL, SEALING_KEY_LABEL } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { drawXWingKey } from './x-wing-secret.ts';

const VALIDITY = { notBefore: new Date('2026-05-01T00:00:00Z'), notAfter: new Date('2036-01-01T00:00:00Z') };

describe('the Secret of a new key of format v2', () => {
  it('has the labels and annotations of the flags, but for those that say what it is', async () => {
    const labels = { team: 'a', [KEY_LABEL]: 'active', [SEALING_KEY_LABEL]: 'no' };
    const annotations = {
      note: 'x',
      [KEY_ANNOTATIONS.validity]: 'always',
      [KEY_ANNOTATIONS.fingerprint]: 'v2:other',
    };
    const drawn = await drawXWingKey({ prefix: 'k', labels, annotations }, 'home');
    const { metadata } = await drawn.toSecret(VALIDITY);
    expect(metadata.labels).toEqual({ team: 'a', [SEALING_KEY_LABEL]: 'active' });
    expect(metadata.annotations).toEqual({
      note: 'x',
      [KEY_ANNOTATIONS.validity]: '2026-05-01T00:00:00Z/2036-01-01T00:00:00Z',
      [KEY_ANNOTATIONS.fingerprint]: drawn.id,
    });
  });
});
