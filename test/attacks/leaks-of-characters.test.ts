import { itemsError, printable } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { describeError } from '../../packages/controller/src/log.ts';
import { secretRefusal } from '../../packages/kube/src/transport/secret-refusal.ts';

describe('what is reported of a refused Secret', () => {
  // messages of a real kube-apiserver, word for word
  it.each([
    [`invalid character 'h' looking for beginning of value`, "'h'"],
    [`invalid character 'b' after top-level value`, "'b'"],
  ])('holds no character of a value that it could not parse: %s', (reason, character) => {
    const field = 'data[.dockerconfigjson]';
    const message = `Invalid value: "<secret contents redacted>": ${reason}`;
    const reported = secretRefusal({
      status: 422,
      reason: 'Invalid',
      message: `Secret "x" is invalid: ${field}: ${message}`,
      causes: [{ reason: 'FieldValueInvalid', field, message }],
    });
    expect(reported).toContain(`${field}: Invalid value`);
    expect(reported).not.toContain(character);
  });
});

describe('what is printed of a failure', () => {
  it('holds neither the text nor the cause of an error that is not ours', () => {
    const error = new Error('value is canary\n    at canary (canary:1:1)', { cause: new Error('canary') });
    expect(JSON.stringify(describeError(error))).not.toContain('canary');
  });

  it('has no character that moves a terminal or reverses a line, whatever the item is called', () => {
    for (const code of [0x00, 0x1b, 0x7f, 0x85, 0x9b, 0x2028, 0x202e, 0x2066]) {
      const character = String.fromCodePoint(code);
      expect(printable(`a${character}b`)).not.toContain(character);
    }
  });

  it('stays short however many items fail', () => {
    const failures = Array.from({ length: 10_000 }, (_, index) => ({
      item: `${'x'.repeat(240)}${index}`,
      code: 'ERR_NO_KEY_OPENS_VALUE' as const,
      message: 'no key could decrypt secret',
    }));
    expect(itemsError(failures).message.length).toBeLessThan(16_384);
  });
});
