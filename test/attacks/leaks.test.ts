import { encodeBase64, encodeUtf8 } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { redactSecretMessage } from '../../packages/controller/src/kube/redact.ts';
import { createLogger } from '../../packages/controller/src/log.ts';

describe('what the API server says of a Secret', () => {
  it('does not hold values that it quotes in a form of its own', () => {
    const data = { a: encodeBase64(encodeUtf8('line1\n"quoted"')) };
    const said = `admission webhook denied: got ${JSON.stringify('line1\n"quoted"')} and ${data.a}`;
    expect(redactSecretMessage(said, { data })).toBe(
      'admission webhook denied: got "[redacted]" and [redacted]',
    );
  });
});

describe('what is printed of a failure', () => {
  it('takes one line of the log', () => {
    const lines: string[] = [];
    const log = createLogger({
      minimumLevel: 0,
      format: 'text',
      isInfoOnStdout: true,
      stdout: (line) => lines.push(line),
      stderr: (line) => lines.push(line),
      now: () => new Date(0),
    });
    log.info('m', { name: 'a\nlevel=ERROR\u001b[2J\u009b' });
    expect(lines.join('')).toMatch(/^[ -~]*\n$/);
  });
});
