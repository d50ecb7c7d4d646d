import { describe, expect, it } from 'vitest';
import { refusal } from './faults.ts';

describe('refusal', () => {
  it('names the kind of refusal by a word of the service', () => {
    const { message, hint } = refusal('X', { status: 403 }, { Forbidden: 'ask for it' }, 'Forbidden');
    expect([message, hint]).toEqual(['key service X: it answered Forbidden', 'ask for it']);
  });
  it.each(['the key is hunter2', 'hunter2', 'a\nb', 'a'.repeat(101), ''])(
    'repeats nothing of an answer that is no word: %j',
    (kind) => {
      expect(refusal('X', { status: 403 }, {}, kind).message).toBe(
        'key service X: it answered 403 Forbidden',
      );
    },
  );
  it('takes no hint from what every object has', () => {
    expect(refusal('X', { status: 403 }, {}, 'constructor').hint).toBeUndefined();
  });
});
