import { SealedSecretsError } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { safeWords } from './failure.ts';

describe('safeWords', () => {
  it('gives message and hint of an error of this project', () => {
    const error = new SealedSecretsError('ERR_USAGE', 'item a is sealed already', { hint: 'look' });
    expect(safeWords(error)).toEqual({ message: 'item a is sealed already', hint: 'look' });
  });
  it.each([
    [new SyntaxError('unexpected token hunter2'), 'SyntaxError'],
    ['hunter2', 'string'],
    [{ message: 'hunter2' }, 'object'],
  ])('repeats nothing of another failure, since it may quote a value', (error, type) => {
    expect(safeWords(error)).toEqual({ message: `unexpected failure (${type})`, hint: undefined });
  });
});
