import { NO_MATCH, NO_OTHER_ERROR, NO_SUCH_KEY, NO_TWICE, type Rows, SOMETHING } from './reasons.ts';

const CORE = 'packages/crypto-core/src';

/** Of the core. */
export const CORE_ROWS: Rows = {
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
  [`${CORE}/value/key-ring.ts`]: [['[]', SOMETHING, NO_SUCH_KEY]],
  [`${CORE}/value/open-value.ts`]: [['[]', SOMETHING, NO_SUCH_KEY]],
  [`${CORE}/value/format-table.ts`]: [
    ['format', 'true', 'the last row of the table reads whatever the others do not'],
    [
      "throw new SealedSecretsError('ERR_ENVELOPE_MALFORMED', 'sealed value of an unknown format');",
      ';',
      'the same',
    ],
  ],
  [`${CORE}/value/envelope-v1.ts`]: [
    [
      'bytes.length < LENGTH_BYTES',
      'bytes.length <= LENGTH_BYTES',
      'a length alone is no value, whatever it says',
    ],
  ],
  [`${CORE}/value/envelope-v2.ts`]: [['at < 0', 'false', 'the bytes at -1 are missing, and count as equal']],
  [`${CORE}/value/v2.ts`]: [
    ['sorted[at - 1]?.keyId', 'sorted[at - 1].keyId', 'there is one before each but the first'],
    ['slash < 0', 'slash <= 0', 'a namespace is not empty'],
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
  [`${CORE}/keys/x-wing/runtime-kem.ts`]: [
    ['false', 'true', 'whether a key could be exported that is made for a trial, and thrown away'],
  ],
  [`${CORE}/keys/x-wing/opener.ts`]: [
    ['false', 'true', 'whether the object in the place of a key could be exported: nobody asks'],
  ],
  [`${CORE}/keys/x-wing/key-pair.ts`]: [
    ['false', 'true', 'whether the key could be exported: it is in no property, so that nobody can ask'],
    ["envelope.format !== 'v2'", 'false', 'a value of another format has no suite, and so no entry'],
  ],
  [`${CORE}/keys/pem.ts`]: [
    ['[]', SOMETHING, 'each block begins with an empty body anyway'],
    ['label !== undefined', 'true', 'what stands before a block is dropped where the block begins'],
    ['end > 0', 'end >= 0', 'leaves one blank of a line of blanks, which base64 ignores'],
  ],
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
  [`${CORE}/secret/api-rules.ts`]: [['[]', SOMETHING, NO_MATCH]],
  [`${CORE}/secret/open-items.ts`]: [
    ['[]', SOMETHING, NO_SUCH_KEY],
    ['!(error instanceof SealedSecretsError)', 'false', NO_OTHER_ERROR],
  ],
  [`${CORE}/secret/reseal.ts`]: [['[]', SOMETHING, NO_SUCH_KEY]],
  [`${CORE}/secret/resource.ts`]: [
    ['/\\.\\d+Z$/', '/\\.\\d+Z/', 'a time in ISO 8601 has one fraction, at its end'],
    ['[]', SOMETHING, NO_MATCH],
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
  [`${CORE}/signature/allowed-signers.ts`]: [
    ['!(error instanceof SealedSecretsError)', 'false', NO_OTHER_ERROR],
    ['[]', SOMETHING, NO_MATCH],
    [
      '{ namespaces: undefined, validAfter: undefined, validBefore: undefined }',
      '{}',
      'a field that is missing is undefined too',
    ],
  ],
  [`${CORE}/signature/check-signature.ts`]: [
    ['error instanceof SealedSecretsError', 'true', NO_OTHER_ERROR],
    [
      'left.length === right.length',
      'true',
      'both were read as keys, which hold the lengths of their parts: none is the beginning of another',
    ],
  ],
  [`${CORE}/signature/signed-content.ts`]: [
    ['!(error instanceof RangeError)', 'false', NO_OTHER_ERROR],
    ['a < b', 'a <= b', NO_TWICE],
  ],
  [`${CORE}/signature/ssh-key.ts`]: [['false', 'true', 'whether a public key can be exported']],
  [`${CORE}/signature/ssh-signature.ts`]: [['/\\s+/g', '/\\s/g', 'all are replaced, one by one or together']],
};
