import { describe, expect, it } from 'vitest';
import { describeFailure, failureKinds } from './errors.ts';
import { decodeOutcome } from './protocol.ts';

function failureBytes(line: number, column: number, ...strings: string[]): Uint8Array {
  const word = (value: number): number[] => [...new Uint8Array(new Uint32Array([value]).buffer)];
  const fields = strings.flatMap((text) => [...word(text.length), ...new TextEncoder().encode(text)]);
  return Uint8Array.from([0, ...word(line), ...word(column), ...fields]);
}

describe('decodeOutcome', () => {
  it('returns the bytes behind the mark of success', () => {
    expect(decodeOutcome('a', Uint8Array.of(1, 0xff, 0))).toEqual({ output: Uint8Array.of(0xff, 0) });
  });

  it('leaves out what is not known', () => {
    const failure = { template: 'a', kind: 'parse-error', line: 3 };
    expect(decodeOutcome('a', failureBytes(3, 0, 'parse-error', '', ''))).toEqual({ failure });
  });

  it('replaces a kind outside the vocabulary', () => {
    const outcome = decodeOutcome('a', failureBytes(1, 2, 'the password is x', '', ''));
    expect(outcome).toEqual({ failure: { template: 'a', kind: 'sandbox-crashed', line: 1, column: 2 } });
  });
});

describe('describeFailure', () => {
  it('names template, line and function', () => {
    const failure = {
      template: 'app.yaml',
      kind: 'function-failed',
      line: 2,
      column: 3,
      functionName: 'index',
    } as const;
    expect(describeFailure(failure)).toBe(
      'template "app.yaml" line 2: index: the function reported an error',
    );
  });

  it('cuts a long name, and escapes what moves a terminal or reverses a line', () => {
    const text = describeFailure({ template: `a\u202eb\u009b${'n'.repeat(100_000)}`, kind: 'parse-error' });
    expect(text).toMatch(/^template "a\\u202eb\\u009bn+\.\.\.": [a-z ]+$/);
    expect(text.length).toBeLessThan(400);
  });

  it.each(failureKinds)('has an explanation of %s that never tells the text of Go', (kind) => {
    expect(describeFailure({ template: 'a', kind, unsafeText: 'secret' })).toMatch(/^template "a": [a-z ]+$/);
  });
});
