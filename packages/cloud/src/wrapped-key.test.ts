import { randomBytes } from 'node:crypto';
import { type Bytes, decodeBase64 } from '@fuin/crypto-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isWrongDataKey } from './faults.ts';
import { contextBytes, type KeyContext } from './key-context.ts';
import type { KeyWrapper } from './key-wrapper.ts';
import { CONTEXT, failureOf } from './testing/wrapper-contract.ts';
import {
  formatNote,
  keyVersionIn,
  parseNote,
  rewrapNote,
  unwrapKey,
  wrapKey,
  wrapperOf,
} from './wrapped-key.ts';

const WHAT = { item: 'tls.key', context: CONTEXT };
const PRIVATE_KEY = new Uint8Array(randomBytes(2400));
const INVALID = 'ERR_KEY_SECRET_INVALID';

/** A service that only adds bytes: what the envelope promises must hold although it binds nothing. */
function paddingWrapper(
  name: string,
  pad = 7,
  change: (plain: Bytes) => Bytes = (plain) => plain,
): KeyWrapper {
  const wrap = async (dataKey: Bytes) => dataKey.map((byte) => byte ^ pad);
  return {
    name,
    describe: () => name,
    wrap,
    unwrap: async (wrapped) => change(wrapped.map((byte) => byte ^ pad)),
    rewrap: async (wrapped) => wrapped,
    close: async () => undefined,
  };
}

const wrapper = paddingWrapper('exec:/a');

describe('wrapKey', () => {
  it('gives what unwrapKey opens', async () => {
    const wrapped = await wrapKey(PRIVATE_KEY, WHAT, wrapper);
    expect(await unwrapKey(wrapped, WHAT, wrapper)).toEqual(PRIVATE_KEY);
    expect(Buffer.from(wrapped.ciphertext).includes(PRIVATE_KEY.subarray(0, 32))).toBe(false);
  });
  it('takes another data key each time', async () => {
    const [first, second] = [
      await wrapKey(PRIVATE_KEY, WHAT, wrapper),
      await wrapKey(PRIVATE_KEY, WHAT, wrapper),
    ];
    expect(first.note.dataKey).not.toEqual(second.note.dataKey);
    expect(first.ciphertext).not.toEqual(second.ciphertext);
  });
  it('refuses a service that gives the data key back in the clear', async () => {
    const failure = await failureOf(wrapKey(PRIVATE_KEY, WHAT, paddingWrapper('exec:/cat', 0)));
    expect(failure.code).toBe(INVALID);
  });
});

describe('unwrapKey', () => {
  it.each(['namespace', 'name', 'fingerprint'] as const)(
    'refuses a key under another %s, although the service does not',
    async (part) => {
      const wrapped = await wrapKey(PRIVATE_KEY, WHAT, wrapper);
      const failure = await failureOf(
        unwrapKey(wrapped, { ...WHAT, context: { ...CONTEXT, [part]: 'x' } }, wrapper),
      );
      expect(failure.code).toBe(INVALID);
    },
  );
  it('refuses every flipped bit of the first and last bytes, and every shorter text', async () => {
    const { ciphertext, note } = await wrapKey(PRIVATE_KEY.subarray(0, 64), WHAT, wrapper);
    for (let bit = 0; bit < ciphertext.length * 8; bit++) {
      const changed = ciphertext.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect((await failureOf(unwrapKey({ ciphertext: changed, note }, WHAT, wrapper))).code).toBe(INVALID);
    }
    for (let length = 0; length < ciphertext.length; length++) {
      const cut = { ciphertext: ciphertext.slice(0, length), note };
      expect((await failureOf(unwrapKey(cut, WHAT, wrapper))).code).toBe(INVALID);
    }
  });
  it.each([
    ['a pseudo-random data key', () => new Uint8Array(randomBytes(32)), INVALID],
    ['a data key that is too short', () => new Uint8Array(16), 'ERR_KEY_SERVICE_UNAVAILABLE'],
    ['no data key', () => new Uint8Array(), 'ERR_KEY_SERVICE_UNAVAILABLE'],
  ])('refuses a service that answers with %s', async (_what, answer, code) => {
    const wrapped = await wrapKey(PRIVATE_KEY, WHAT, wrapper);
    const lying = paddingWrapper('exec:/a', 7, answer);
    const failure = await failureOf(unwrapKey(wrapped, WHAT, lying));
    expect([failure.code, isWrongDataKey(failure)]).toEqual([code, code === INVALID]);
  });
});

describe('a data key', () => {
  /** A service, and the data keys in the clear that it was given or gave. */
  function watched(lengthOf: (plain: Bytes) => Bytes = (plain) => plain) {
    const seen: Bytes[] = [];
    const service: KeyWrapper = {
      ...wrapper,
      wrap: (dataKey, context) => {
        seen.push(dataKey);
        return wrapper.wrap(dataKey, context);
      },
      unwrap: async (wrapped, context) => {
        const plain = lengthOf(await wrapper.unwrap(wrapped, context));
        seen.push(plain);
        return plain;
      },
    };
    return { service, seen };
  }
  const zeros = new Uint8Array(32);
  it('is zeroed once a key is wrapped, and where the service gives nothing', async () => {
    const { service, seen } = watched();
    await wrapKey(PRIVATE_KEY, WHAT, service);
    const wrap = async (dataKey: Bytes) => {
      seen.push(dataKey);
      return new Uint8Array();
    };
    await failureOf(wrapKey(PRIVATE_KEY, WHAT, { ...wrapper, wrap }));
    expect(seen).toEqual([zeros, zeros]);
  });
  it('is zeroed once a key is unwrapped, and where it does not open it', async () => {
    const wrapped = await wrapKey(PRIVATE_KEY, WHAT, wrapper);
    const { service, seen } = watched();
    await unwrapKey(wrapped, WHAT, service);
    await failureOf(unwrapKey(wrapped, { ...WHAT, item: 'other' }, service));
    expect(seen).toEqual([zeros, zeros]);
  });
  it('is zeroed where its length is wrong', async () => {
    const wrapped = await wrapKey(PRIVATE_KEY, WHAT, wrapper);
    const { service, seen } = watched((plain) => plain.slice(1));
    await failureOf(unwrapKey(wrapped, WHAT, service));
    expect(seen).toEqual([zeros.slice(1)]);
  });
  it('is zeroed once it is wrapped by another service', async () => {
    const { note } = await wrapKey(PRIVATE_KEY, WHAT, wrapper);
    const { service, seen } = watched();
    await rewrapNote(note, CONTEXT, { from: service, to: paddingWrapper('exec:/b', 9) });
    expect(seen).toEqual([zeros]);
  });
});

describe('rewrapNote', () => {
  it('moves a key to another service', async () => {
    const { ciphertext, note } = await wrapKey(PRIVATE_KEY, WHAT, wrapper);
    const other = paddingWrapper('exec:/b', 9);
    const moved = await rewrapNote(note, CONTEXT, { from: wrapper, to: other });
    expect(moved.wrapper).toBe('exec:/b');
    expect(await unwrapKey({ ciphertext, note: moved }, WHAT, other)).toEqual(PRIVATE_KEY);
  });
  it.each([0, 8193])('refuses a service that rewraps a data key to %i bytes', async (length) => {
    const { note } = await wrapKey(PRIVATE_KEY, WHAT, wrapper);
    const lying = { ...wrapper, rewrap: async () => new Uint8Array(length) };
    const failure = await failureOf(rewrapNote(note, CONTEXT, { from: lying, to: lying }));
    expect(failure.code).toBe(INVALID);
  });
});

describe('parseNote', () => {
  it('reads what formatNote writes', async () => {
    const { note } = await wrapKey(PRIVATE_KEY, WHAT, wrapper);
    expect(parseNote(formatNote(note))).toEqual(note);
    expect(wrapperOf(note, [paddingWrapper('exec:/b'), wrapper])).toBe(wrapper);
  });
  it.each([
    '',
    'x',
    '[]',
    'null',
    '{"version":2,"wrapper":"exec:/a","dataKey":"AAAA"}',
    '{"version":1,"dataKey":"AAAA"}',
    '{"version":1,"wrapper":"exec:/a"}',
    '{"version":1,"wrapper":"exec:/a","dataKey":""}',
    '{"version":1,"wrapper":"exec:/a","dataKey":"A"}',
    `{"version":1,"wrapper":"exec:/a","dataKey":"${'A'.repeat(12_000)}"}`,
    ' '.repeat(1_000_000),
    `${' '.repeat(16_384)}{"version":1,"wrapper":"exec:/a","dataKey":"AAAA"}`,
  ])('refuses %.60s', (text) => {
    expect(() => parseNote(text)).toThrow(expect.objectContaining({ code: INVALID }));
  });
  it('names a wrapper that is not configured, which is never opened because a Secret says so', () => {
    const note = { wrapper: 'exec:/bin/sh\n', dataKey: new Uint8Array(1) };
    expect(() => wrapperOf(note, [wrapper])).toThrow(
      'it is wrapped by "exec:/bin/sh\\n", which is not among the configured key wrappers',
    );
  });
});

describe('contextBytes', () => {
  it('are those of docs/key-wrapping.md', () => {
    const bytes = contextBytes({ namespace: 'a', name: 'b', fingerprint: 'c' });
    expect(Buffer.from(bytes).toString('base64')).toBe(
      'AAAAE2Z1aW4gd3JhcHBlZCBrZXkgdjEAAAABYQAAAAFiAAAAAWM=',
    );
    expect(decodeBase64('AAAAEw==')).toEqual(bytes.subarray(0, 4));
  });
  it('differ for different contexts', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '\0', '/', ','), maxLength: 4 });
    const context = fc.record({ namespace: text, name: text, fingerprint: text });
    const textOf = (each: KeyContext) => Buffer.from(contextBytes(each)).toString('hex');
    fc.assert(
      fc.property(context, context, (one, other) => {
        expect(textOf(one) === textOf(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });
});

describe('keyVersionIn', () => {
  it.each([
    ['vault:v3:AAAA', '3'],
    ['gcp-kms:v12:AAAA', '12'],
    [`azure-kv:v${'ab'.repeat(16)}:RSA-OAEP-256:AAAA`, 'ab'.repeat(16)],
    ['vault:v:AAAA', undefined],
    ['vault:v3', undefined],
    ['opaque bytes', undefined],
  ])('reads %s', (text, version) => {
    const dataKey = new TextEncoder().encode(text);
    expect(keyVersionIn({ wrapper: 'exec:/a', dataKey })).toBe(version);
  });
});
