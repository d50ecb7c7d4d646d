import { encodeBase64, encodeUtf8, itemsError, printable } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { describeError } from '../../packages/controller/src/describe-error.ts';
import { redactSecretMessage } from '../../packages/controller/src/kube/redact.ts';

describe('what the API server says of a Secret', () => {
  // messages of a real kube-apiserver, word for word
  it.each([
    ['hunter2', `invalid character 'h' looking for beginning of value`, "'h'"],
    ['"a" b', `invalid character 'b' after top-level value`, "'b'"],
    ['{"auths": hunter', `invalid character 'h' looking for beginning of value`, "'h'"],
  ])('holds no character of the value %s once it is redacted', (value, reason, character) => {
    const said = `Secret "x" is invalid: data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": ${reason}`;
    const data = { '.dockerconfigjson': encodeBase64(encodeUtf8(value)) };
    expect(redactSecretMessage(said, { data })).not.toContain(character);
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
