import { decodeUtf8, parseSealedSecret, type SealedSecret, SealedSecretsError } from '@fuin/crypto-core';
import { isScalar, parseDocument, visit } from 'yaml';
import { endOfMarks, endOfValues } from './body-cost.ts';

/** Largest request of verify and rotate, like an API server's, which stores half as much. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;
/**
 * Number of values of any kind that a body may have. It is more than an object with the maximum of 7,700
 * items in 1.5 MiB needs, each with its field in `managedFields` and its entry in `status`.
 */
export const MAX_VALUES = 32_768;
/** kubeseal sends JSON, so this only affects YAML that people send by hand. */
const MAX_YAML_BYTES = 128 * 1024;
/**
 * The YAML parser needs up to 20 µs for each mark, on the only thread. A file with a thousand lines has about
 * as many.
 */
const MAX_YAML_MARKS = 8_192;
/**
 * How many aliases a document may have, because each is searched for in all of it, and how often they may
 * multiply their content.
 */
const MAX_ALIASES = 100;

/**
 * Reads one SealedSecret, JSON or YAML, whatever the Content-Type says. Bodies that would take long are
 * refused before they are parsed.
 *
 * @throws ERR_MANIFEST_INVALID for anything else, including several documents
 */
export function readSealedSecret(body: unknown): SealedSecret {
  if (!(body instanceof Uint8Array)) throw invalid('no body');
  const text = decodeUtf8(body).replace(/^\uFEFF/, '');
  return parseSealedSecret(/^\s*\{/.test(text) ? readJson(body, text) : readYaml(body, text));
}

function readJson(bytes: Uint8Array, text: string): unknown {
  if (endOfValues(bytes, MAX_VALUES) !== undefined) throw invalid('the document has too many values');
  try {
    return JSON.parse(text);
  } catch {
    return readYaml(bytes, text); // flow style is YAML too
  }
}

function readYaml(bytes: Uint8Array, text: string): unknown {
  const isTooLarge = bytes.length > MAX_YAML_BYTES || endOfMarks(bytes, MAX_YAML_MARKS) !== undefined;
  if (isTooLarge) throw invalid('the document is too large for YAML');
  const document = parseDocument(text, {
    uniqueKeys: false, // the last one wins, like in JSON
    prettyErrors: false,
    logLevel: 'error', // only silent would let several documents pass
  });
  // parser messages quote the input
  if (document.errors.length > 0 || !isPlain(document)) throw invalid('the document cannot be read');
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    throw invalid('the document cannot be read');
  }
}

/**
 * Keys that are collections are not JSON, and converting nested ones to strings takes unlimited time. So does
 * the search for aliases.
 */
function isPlain(document: Parameters<typeof visit>[0]): boolean {
  let aliases = 0;
  let hasOddKey = false;
  visit(document, {
    Pair: (_index, { key }) => {
      hasOddKey = !isScalar(key);
      return hasOddKey ? visit.BREAK : undefined;
    },
    Alias: () => {
      aliases += 1;
      return aliases > MAX_ALIASES ? visit.BREAK : undefined;
    },
  });
  return !hasOddKey && aliases <= MAX_ALIASES;
}

function invalid(message: string): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', message);
}
