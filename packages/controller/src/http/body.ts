import { decodeUtf8, parseSealedSecret, type SealedSecret, SealedSecretsError } from '@fuin/crypto-core';
import { isScalar, parseDocument, visit } from 'yaml';

/** Largest request: twice what the API server stores, as base64 in JSON. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;
/**
 * YAML takes about 5 µs a byte on the thread that serves everyone; kubeseal sends JSON, so only what people send by hand is
 * affected.
 */
const MAX_YAML_BYTES = 128 * 1024;
/** Aliases may multiply what they stand for this many times and no more. */
const MAX_ALIASES = 100;

/**
 * Reads one SealedSecret, JSON or YAML, whatever the Content-Type says.
 *
 * @throws ERR_MANIFEST_INVALID for anything else, several documents among it
 */
export function readSealedSecret(body: unknown): SealedSecret {
  if (!(body instanceof Uint8Array)) throw invalid('no body');
  const text = decodeUtf8(body).replace(/^\uFEFF/, '');
  return parseSealedSecret(/^\s*\{/.test(text) ? readJson(text) : readYaml(text));
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return readYaml(text); // flow style is YAML too
  }
}

function readYaml(text: string): unknown {
  if (text.length > MAX_YAML_BYTES) throw invalid('the document is too large for YAML');
  const document = parseDocument(text, {
    uniqueKeys: false, // the last wins, as in JSON
    prettyErrors: false,
    logLevel: 'error', // only silent would let several documents pass
  });
  if (document.errors.length > 0 || !hasPlainKeys(document)) throw invalid('the document cannot be read'); // parser texts quote the input
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    throw invalid('the document cannot be read');
  }
}

/** Keys that are collections are no JSON, and turning nested ones into texts takes time without bound. */
function hasPlainKeys(document: Parameters<typeof visit>[0]): boolean {
  let isPlain = true;
  visit(document, {
    Pair: (_index, { key }) => {
      if (isScalar(key)) return undefined;
      isPlain = false;
      return visit.BREAK;
    },
  });
  return isPlain;
}

function invalid(message: string): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', message);
}
