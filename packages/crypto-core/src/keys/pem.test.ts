import { describe, expect, it } from 'vitest';
import { growth, LINEAR } from '../../../../test/support/time/growth.ts';
import { formatPem, parsePem } from './pem.ts';

const block = (label: string, body: string) => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
const read = (text: string) =>
  parsePem(text).map(({ label, bytes }) => [label, Buffer.from(bytes).toString()]);

describe('parsePem', () => {
  it.each([
    ['one block', block('A', 'aGk='), [['A', 'hi']]],
    [
      'several blocks',
      block('A', 'aGk=') + block('B C', 'eW8='),
      [
        ['A', 'hi'],
        ['B C', 'yo'],
      ],
    ],
    [
      'text around blocks',
      `x\n${block('A', 'aGk=')}\ny: z\n${block('B', 'eW8=')}end`,
      [
        ['A', 'hi'],
        ['B', 'yo'],
      ],
    ],
    ['CRLF', block('A', 'aG\nk=').replaceAll('\n', '\r\n'), [['A', 'hi']]],
    ['no newline at the end', block('A', 'aGk=').trimEnd(), [['A', 'hi']]],
    ['an indented body', '-----BEGIN A-----\n  aG\t\n\tk=\n-----END A-----', [['A', 'hi']]],
    ['spaces at the ends of lines', block('A', 'aGk=').replace(/$/gm, ' \t'), [['A', 'hi']]],
    ['headers of RFC 1421', block('A', 'Proc-Type: 4,ENCRYPTED\nDEK-Info: x,y\n\naGk='), [['A', 'hi']]],
    ['headers without an empty line', block('A', 'Comment: x\naGk='), [['A', 'hi']]],
    ['an empty block', '-----BEGIN A-----\n-----END A-----', [['A', '']]],
    ['an unreadable block before a good one', block('A', '!!') + block('A', 'aGk='), [['A', 'hi']]],
    ['a begin without an end before a good block', `-----BEGIN A-----\n${block('A', 'aGk=')}`, [['A', 'hi']]],
    ['an end of another label', '-----BEGIN A-----\naGk=\n-----END B-----\n', []],
    ['a block that does not end', '-----BEGIN A-----\naGk=\n', []],
    ['an end alone', '-----END A-----\n', []],
    ['a begin in the middle of a line', 'x -----BEGIN A-----\naGk=\n-----END A-----\n', []],
    [
      'an indented block, which Go and OpenSSL do not see either',
      block('A', 'aGk=').replace(/^/gm, '  '),
      [],
    ],
    [
      'an indented block before a good one',
      block('A', 'ZXZpbA==').replace(/^(?=.)/gm, ' ') + block('A', 'aGk='),
      [['A', 'hi']],
    ],
    ['a space behind a carriage return', '-----BEGIN A-----\r \naGk=\n-----END A-----', []],
    ['a byte order mark before the block', `\ufeff${block('A', 'aGk=')}`, []],
    ['spaces that are not ASCII', block('A', 'aGk=\u00a0'), []],
    ['nothing', '', []],
  ])('reads %s', (_, text, blocks) => expect(read(text)).toEqual(blocks));

  it.each([
    ['no headers', 'aGk=', false],
    ['nothing at all', '', false],
    ['headers', 'Proc-Type: 4,ENCRYPTED\n\naGk=', true],
    ['headers alone', 'Comment: x', true],
  ])('says whether a block with %s has some', (_, body, hasHeaders) => {
    expect(parsePem(block('A', body))).toMatchObject([{ hasHeaders }]);
  });

  it.each([
    ['begins', '-----BEGIN A-----\n'],
    ['begins on one line', '-----BEGIN A-----'],
    ['ends', '-----END A-----\n'],
    ['begins of growing labels', '-----BEGIN A A-----\n-----END A-----\n'],
    ['dashes', '-'],
    ['newlines', '\n'],
    ['colons', ':\n'],
    ['spaces', ' '],
  ])('reads a megabyte of %s in time that grows with the size', async (_, text) => {
    const read = (size: number) => {
      const hostile = `-----BEGIN A-----\n${text.repeat(size / text.length)}x`;
      return () => expect(parsePem(hostile).length).toBeLessThanOrEqual(1);
    };
    expect(await growth(read, 1 << 20)).toBeLessThan(LINEAR);
  });
});

describe('formatPem', () => {
  it('breaks lines at 64 columns and is read back', () => {
    const bytes = new Uint8Array(100).map((_, index) => index);
    const text = formatPem('X Y', bytes);
    expect(text.split('\n').map((line) => line.length)).toEqual([19, 64, 64, 8, 17, 0]);
    expect(parsePem(text)).toEqual([{ label: 'X Y', bytes, hasHeaders: false }]);
  });
});
