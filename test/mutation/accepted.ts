import type { Accepted } from './verdict.ts';

const CORE = 'packages/crypto-core/src';

const CONTROLLER = 'packages/controller/src';
const RECONCILE = `${CONTROLLER}/reconcile`;
const HTTP = `${CONTROLLER}/http`;

/** Stands for what the tester puts into an empty list. */
const SOMETHING = '["Stryker was here"]';
const NO_SUCH_KEY = 'ids of keys: no key has this one, so that nothing comes first';
const NO_OTHER_ERROR = 'nothing within throws another error, unless it has a bug, which must stay one';
const NO_TWICE = 'the names come from the keys of an object, so that no two are equal';

/** By file: what stands there, what was put in its place, and why nobody can see the difference. */
const ROWS: Readonly<Record<string, readonly (readonly [string, string, string])[]>> = {
  [`${CORE}/value/padding.ts`]: [
    [
      'bytes <= SMALLEST',
      'bytes < SMALLEST',
      'the smallest bucket is a power of two, so that the next line gives the same',
    ],
    [
      'bytes <= LARGEST_POWER',
      'bytes < LARGEST_POWER',
      'a power of two is a multiple of a sixteenth of itself',
    ],
    [
      'payload.length < LENGTH_BYTES',
      'payload.length <= LENGTH_BYTES',
      'no bucket is as short as a length, so that the next check refuses it',
    ],
  ],
  [`${CORE}/value/aes-gcm.ts`]: [
    ['false', 'true', 'whether a key could be exported: the bytes of it are at hand, and nobody exports it'],
  ],
  [`${CORE}/keys/key-pair.ts`]: [
    ['!(error instanceof SealedSecretsError)', 'false', NO_OTHER_ERROR],
    [
      'encodeBase64(opened) === encodeBase64(probe)',
      'true',
      'GCM opens nothing but what was sealed; the comparison does not trust it',
    ],
    [
      'false',
      'true',
      'whether the key could be exported: the bytes of it are at hand, and nobody exports it',
    ],
  ],
  [`${CORE}/keys/pem.ts`]: [['[]', SOMETHING, 'each block begins with an empty body anyway']],
  [`${CORE}/keys/certificate.ts`]: [['!(cause instanceof SealedSecretsError)', 'false', NO_OTHER_ERROR]],
  [`${CORE}/keys/der.ts`]: [
    ['tag === undefined', 'false', 'where there is no tag, there is no length either'],
    ['first < 0x80', 'first <= 0x80', 'the line before refused 0x80'],
  ],
  [`${CORE}/keys/fingerprint.ts`]: [
    ['!n || !e', '!n && !e', 'a key has both numbers, or neither'],
    ['/=+$/', '/=+/', 'base64 has = at its end alone'],
    ['/=+$/', '/=$/', 'base64 of 32 bytes ends with one ='],
  ],
  [`${CORE}/diagnosis/diagnose.ts`]: [
    ['sealedSizes(value)?.keyBits', 'sealedSizes(value).keyBits', 'the value looks sealed by then'],
    ['bits === undefined', 'false', 'the value looks sealed by then, and so has a size'],
  ],
  [`${CORE}/diagnosis/other-scope.ts`]: [
    ['error instanceof SealedSecretsError', 'true', NO_OTHER_ERROR],
    [
      '{\n    if (error instanceof SealedSecretsError) return undefined;\n    throw error;\n  }',
      '{}',
      NO_OTHER_ERROR,
    ],
  ],
  [`${CORE}/diagnosis/sealing-note.ts`]: [
    ['a < b', 'a <= b', NO_TWICE],
    ['/=+$/', '/=+/', 'base64 has = at its end alone'],
    ['note.length > MAX_NOTE', 'note.length >= MAX_NOTE', 'one character of 256 KiB: no note is as long'],
    ["typeof value === 'object'", 'true', 'the entries of what is no object have no names of keys'],
  ],
  [`${CORE}/secret/api-rules.ts`]: [
    ['[]', SOMETHING, 'of a list without a match, only entries behind the first count'],
  ],
  [`${CORE}/secret/open-items.ts`]: [
    ['[]', SOMETHING, NO_SUCH_KEY],
    ['!(error instanceof SealedSecretsError)', 'false', NO_OTHER_ERROR],
  ],
  [`${CORE}/secret/reseal.ts`]: [['[]', SOMETHING, NO_SUCH_KEY]],
  [`${CORE}/secret/resource.ts`]: [
    ['/\\.\\d+Z$/', '/\\.\\d+Z/', 'a time in ISO 8601 has one fraction, at its end'],
    ['[]', SOMETHING, 'of a list without a match, only entries behind the first count'],
  ],
  [`${CORE}/secret/scope.ts`]: [
    ['annotation !== undefined', 'true', 'only strict has no annotation, and strict is the default'],
  ],
  [`${CORE}/secret/seal.ts`]: [
    ['a < b', 'a <= b', NO_TWICE],
    ['!(error instanceof SealedSecretsError)', 'false', NO_OTHER_ERROR],
    [
      'entries.length === 0 && Object.keys(labels).length === 0',
      'false',
      'only saves the work of reading values that are then looked for nowhere',
    ],
  ],
  [`${CORE}/secret/unseal.ts`]: [['[]', SOMETHING, NO_SUCH_KEY]],
  [`${RECONCILE}/secret/plan.ts`]: [
    ['[]', SOMETHING, 'of an owner only the uid counts, and a text has none'],
  ],
  [`${RECONCILE}/value-rules.ts`]: [
    ["typeof text === 'string'", 'true', 'what is no text has no facts either'],
    ['[]', SOMETHING, 'what is no value of a known format has no facts'],
    ['{\n    return undefined;\n  }', '{}', 'a function without a return returns the same'],
  ],
  [`${HTTP}/limits/body-cost.ts`]: [
    ['at < json.length', 'at <= json.length', 'behind the last byte there is none that counts'],
  ],
  [`${HTTP}/limits/bulk-body.ts`]: [
    ['error instanceof SealedSecretsError', 'true', NO_OTHER_ERROR],
    [
      '{\n    if (error instanceof SealedSecretsError) return undefined;\n    throw error;\n  }',
      '{}',
      NO_OTHER_ERROR,
    ],
  ],
  [`${HTTP}/limits/guard.ts`]: [
    [
      'socket.destroyed',
      'false',
      'saves work for a peer that hangs up between its body and its turn to wait, which no test can time',
    ],
    ['onClose();', ';', 'the same'],
  ],
  [`${HTTP}/limits/peer.ts`]: [
    ['/%.*$/', '/%.*/', 'an address is one line'],
    ['[]', SOMETHING, 'the last group of an address is not among the first four'],
  ],
  [`${HTTP}/limits/rate-limit.ts`]: [
    [
      'waitMs <= ROUNDING * this.#intervalMs',
      'waitMs < ROUNDING * this.#intervalMs',
      'a rounding error of exactly the bound',
    ],
    ['busyMs <= FREE_BUSY_MS', 'busyMs < FREE_BUSY_MS', 'nothing beyond the bound costs nothing'],
  ],
  [`${HTTP}/limits/body.ts`]: [
    ['/^\\s*\\{/', '/\\s*\\{/', 'what is no JSON is read as YAML anyway'],
    ['false', 'true', 'how errors look that nobody prints, and whether there are keys before the first'],
    ['aliases > MAX_ALIASES', 'aliases >= MAX_ALIASES', 'the parser itself refuses the 100th'],
    ['aliases <= MAX_ALIASES', 'aliases < MAX_ALIASES', 'the parser itself refuses the 100th'],
    ['{ maxAliasCount: MAX_ALIASES }', '{}', "the parser's own limit is the same"],
  ],
  [`${HTTP}/routes/recipients.ts`]: [
    ['/\\.\\d+Z$/', '/\\.\\d+Z/', 'a time in ISO 8601 has one fraction, at its end'],
  ],
  [`${HTTP}/routes/web.ts`]: [
    ['[]', SOMETHING, 'of a list without a match, only entries behind the first count'],
  ],
};

/** Mutants that live because they change nothing that anyone can see. */
export const ACCEPTED: readonly Accepted[] = Object.entries(ROWS).flatMap(([file, rows]) =>
  rows.map(([original, replacement, reason]) => ({ file, original, replacement, reason })),
);
