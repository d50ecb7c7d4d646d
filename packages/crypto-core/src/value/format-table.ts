import { type Bytes, decodeBase64 } from '../bytes.ts';
import { SealedSecretsError } from '../errors.ts';
import {
  beginsLikeV1,
  type EnvelopeV1,
  hasPossibleSizeV1,
  parseV1,
  type SealedSizes,
  sizesV1,
} from './envelope-v1.ts';
import { beginsLikeV2, claimsV2, type EnvelopeV2, parseV2 } from './envelope-v2.ts';

/** One sealed value, taken apart but still closed. `format` names the row of the table that it belongs to. */
export type Envelope = EnvelopeV1 | EnvelopeV2;

/** The name of a format of sealed values. */
export type ValueFormat = Envelope['format'];

/** What everyone must know of a format. Only its keys and recipients know more. */
interface FormatRow {
  /** Whether bytes that begin like these are read by this format. */
  readonly claims: (bytes: Bytes) => boolean;
  /** @throws ERR_ENVELOPE_MALFORMED */
  readonly parse: (bytes: Bytes) => Envelope;
  /** Whether the first three bytes are those of a sealed value, of which the rest may be damaged. */
  readonly beginsLike: (start: Bytes) => boolean;
}

/**
 * One row per format; the first that claims the bytes reads them. v1 claims all that is left, as the last.
 */
const VALUE_FORMATS: readonly FormatRow[] = [
  { claims: claimsV2, parse: parseV2, beginsLike: beginsLikeV2 },
  { claims: () => true, parse: parseV1, beginsLike: beginsLikeV1 },
];

function formatOf(bytes: Bytes): FormatRow {
  const format = VALUE_FORMATS.find(({ claims }) => claims(bytes));
  if (format) return format;
  throw new SealedSecretsError('ERR_ENVELOPE_MALFORMED', 'sealed value of an unknown format');
}

/**
 * Takes the bytes of one sealed value apart, in whichever format it has, without copying.
 *
 * @throws ERR_ENVELOPE_MALFORMED when no format can read them
 */
export function parseEnvelope(bytes: Bytes): Envelope {
  return formatOf(bytes).parse(bytes);
}

/**
 * Judges without a key whether a string is a sealed value in base64.
 *
 * @returns `sealed` when it can be one, `damaged` when it begins like one but has been cut, changed or
 *   wrapped into several lines with spaces, `no` for everything else
 * @example
 * ```js
 * import { encodeBase64, generateKeyPair, looksSealed } from '@fuin/crypto-core';
 *
 * const recipient = await generateKeyPair(2048);
 * const sealed = encodeBase64(await recipient.seal(new Uint8Array(8), new Uint8Array()));
 * console.log(looksSealed(sealed)); // sealed
 * console.log(looksSealed(sealed.slice(0, 100))); // damaged
 * console.log(looksSealed('hunter2')); // no
 * ```
 */
export function looksSealed(text: string): 'sealed' | 'damaged' | 'no' {
  try {
    const envelope = parseEnvelope(decodeBase64(text));
    if (envelope.format !== 'v1' || hasPossibleSizeV1(envelope)) return 'sealed';
  } catch {
    // it is not a sealed value, but may have been one
  }
  return beginsSealed(text) ? 'damaged' : 'no';
}

/**
 * What the lengths in a sealed value tell without a key. Until the value is opened, they are the sealer's
 * word.
 *
 * @param text the value in base64
 * @returns undefined unless it looks sealed, and for v2, which hides the sizes
 * @example
 * ```js
 * import { encodeBase64, generateKeyPair, sealedSizes } from '@fuin/crypto-core';
 *
 * const recipient = await generateKeyPair(2048);
 * const sealed = encodeBase64(await recipient.seal(new Uint8Array(8), new Uint8Array()));
 * const { keyBits, valueBytes } = sealedSizes(sealed);
 * console.log(keyBits, valueBytes); // 2048 8
 * ```
 */
export function sealedSizes(text: string): SealedSizes | undefined {
  if (looksSealed(text) !== 'sealed') return undefined;
  const envelope = parseEnvelope(decodeBase64(text));
  return envelope.format === 'v1' ? sizesV1(envelope) : undefined;
}

function beginsSealed(text: string): boolean {
  const compact = text.replace(/\s/g, '');
  // not `{32,}`, for which V8 needs a stack as deep as the text is long
  if (!/^[A-Za-z0-9+/]{32}[A-Za-z0-9+/]*={0,2}$/.test(compact)) return false;
  const start = decodeBase64(compact.slice(0, 4));
  return formatOf(start).beginsLike(start);
}
