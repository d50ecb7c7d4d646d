import { encodeUtf8 } from '@fuin/crypto-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leakingTemplate } from './template-leaks.ts';

const leakOf = (template: string, value: string | Uint8Array) => {
  const bytes = typeof value === 'string' ? encodeUtf8(value) : new Uint8Array(value);
  return leakingTemplate(new Map([['fine', '{{ .user }}']]).set('url', template), new Map([['pw', bytes]]));
};

describe('leakingTemplate', () => {
  it('finds a value of eight bytes, and passes over a shorter one', () => {
    expect(leakOf('db://ann:hunter2-@db', 'hunter2-')).toEqual({
      template: 'url',
      item: 'pw',
      form: 'clear',
    });
    expect(leakOf('db://ann:hunter2@db', 'hunter2')).toBeUndefined();
    expect(
      leakOf(`{{ "${Buffer.from('hunter2').toString('base64')}" | b64dec }}`, 'hunter2'),
    ).toBeUndefined();
  });
  it.each(['base64', 'base64url'] as const)('finds any value in %s, with padding and without', (encoding) => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 40 }), (value) => {
        const text = Buffer.from(value).toString(encoding).replace(/=+$/, '');
        for (const padding of ['', '='.repeat(-text.length & 3)]) {
          const leak = leakOf(`{{ "${text}${padding}" | b64dec }}`, value);
          expect(leak).toEqual({ template: 'url', item: 'pw', form: 'base64' });
        }
      }),
    );
  });
  it('accepts a template without a value', () => {
    expect(leakOf('{{ index . "pw" | b64enc }} hunter3-', 'hunter2-')).toBeUndefined();
  });
});
