import { describe, expect, it } from 'vitest';
import { redactSecretMessage } from './redact.ts';

describe('redactSecretMessage', () => {
  it.each([
    ['quoted', 'data[k]: Invalid value: "s3cr\\"et": must be short'],
    ['backquoted', 'data[k]: Invalid value: `s3cret`: must be short'],
    ['a Go map', 'data: Invalid value: map[string]string{"k":"s3cret"}: must be short'],
    ['JSON with colons', 'data: Invalid value: {"k": "s3cret"}: must be short'],
    ['unsupported', 'type: Unsupported value: "s3cret": supported values: "a"'],
    ['a decoder context', 'illegal base64: error found in #10 byte of ...|"k":"s3cret"|..., bigger context'],
  ])('takes out a value that is %s', (_form, message) => {
    expect(redactSecretMessage(message, undefined)).not.toContain('et"');
    expect(redactSecretMessage(message, undefined)).not.toMatch(/s3cr|et`/);
    expect(redactSecretMessage(message, undefined)).toContain('[redacted]');
  });

  it.each([
    [
      'a.b: Invalid value: "<secret contents redacted>": invalid character \'h\' looking for beginning of value',
      'a.b: Invalid value: [redacted]',
    ],
    [
      "webhook: invalid character '\\'' in literal true (expecting 'r')",
      'webhook: invalid character [redacted] in literal true (expecting [redacted])',
    ],
    [
      "webhook: invalid character '\\u00e9' after array element",
      'webhook: invalid character [redacted] after array element',
    ],
  ])('takes out the character that a parser stumbled over: %s', (message, expected) => {
    expect(redactSecretMessage(message, undefined)).toBe(expected);
  });

  it('takes out what was sent wherever it stands, encoded or not', () => {
    const sent = {
      data: { k: Buffer.from('pass"word').toString('base64') },
      stringData: { other: 'plain text' },
    };
    const message = 'webhook denied: pass"word, pass\\"word, cGFzcyJ3b3Jk and plain text are weak';
    expect(redactSecretMessage(message, sent)).toBe(
      'webhook denied: [redacted], [redacted], [redacted] and [redacted] are weak',
    );
  });

  it('leaves other messages alone', () => {
    const message = 'secrets "db" is forbidden: exceeded quota: used: 3, limited: 3';
    expect(redactSecretMessage(message, { data: { k: 'YQ==' } })).toBe(message);
  });
});
