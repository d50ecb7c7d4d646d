import { describe, expect, it } from 'vitest';
import { describeFailure, failureKinds, TemplateError } from './errors.ts';
import { decodeOutcome, encodeJob } from './protocol.ts';

function failureBytes(line: number, column: number, ...strings: string[]): Uint8Array {
  const word = (value: number): number[] => [...new Uint8Array(new Uint32Array([value]).buffer)];
  const fields = strings.flatMap((text) => [...word(text.length), ...new TextEncoder().encode(text)]);
  return Uint8Array.from([0, ...word(line), ...word(column), ...fields]);
}

describe('encodeJob', () => {
  const empty = { templates: new Map(), context: new Map(), maxOutputBytes: 0, unsafeErrorText: false };
  it('writes numbers little-endian, strings as length and UTF-8, and values as they are', () => {
    const job = {
      templates: new Map([['é', '{{']]),
      context: new Map([['k', Uint8Array.of(0xff, 0)]]),
      maxOutputBytes: 0x0102_0304,
      unsafeErrorText: true,
    };
    expect([...encodeJob(job)]).toEqual([
      ...[1, 0, 0, 0],
      ...[4, 3, 2, 1],
      ...[1, 0, 0, 0],
      ...[2, 0, 0, 0, 0xc3, 0xa9],
      ...[2, 0, 0, 0, 0x7b, 0x7b],
      ...[1, 0, 0, 0],
      ...[1, 0, 0, 0, 0x6b],
      ...[2, 0, 0, 0, 0xff, 0],
    ]);
  });

  it('counts templates and values also where there are none', () => {
    expect([...encodeJob(empty)]).toEqual(new Array(16).fill(0));
  });

  it('keeps the order of the templates, in which their outcomes come', () => {
    const names = (job: Uint8Array) => new TextDecoder().decode(job).match(/[xyz]/g);
    const templates = new Map(['z', 'x', 'y'].map((name) => [name, '']));
    expect(names(encodeJob({ ...empty, templates }))).toEqual(['z', 'x', 'y']);
  });
});

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

describe('decodeOutcome of a failure', () => {
  it("reads every field, and Go's own text only where the sandbox sent it", () => {
    expect(decodeOutcome('a', failureBytes(1, 2, 'fail-called', 'fail', 'text'))).toEqual({
      failure: {
        template: 'a',
        kind: 'fail-called',
        line: 1,
        column: 2,
        functionName: 'fail',
        unsafeText: 'text',
      },
    });
  });

  it.each([
    ['nothing', Uint8Array.of()],
    ['half a number', Uint8Array.of(0, 1, 0)],
    ['a string that is missing', failureBytes(1, 2, 'fail-called')],
  ])('refuses %s instead of making up an outcome', (_, bytes) => {
    expect(() => decodeOutcome('a', bytes)).toThrow(RangeError);
  });
});

describe('TemplateError', () => {
  it('describes every failure, and never prints the text of Go', () => {
    const error = new TemplateError([
      { template: 'a', kind: 'fail-called', line: 1, functionName: 'fail', unsafeText: 'secret' },
      { template: 'b', kind: 'time-limit' },
    ]);
    const messages = [
      'template "a" line 1: fail: the template called fail',
      'template "b": rendering took longer than allowed',
    ];
    expect(error.failures.map(({ message }) => message)).toEqual(messages);
    expect(error.message).toBe(messages.join('; '));
    expect(error.code).toBe('ERR_TEMPLATE_INVALID');
    expect(String(error.stack)).not.toContain('secret');
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
