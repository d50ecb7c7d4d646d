import { decodeUtf8, parseSealedSecret, type SealedSecret, SealedSecretsError } from '@fuin/crypto-core';
import { isScalar, parseDocument, visit } from 'yaml';

/** Largest request of verify and rotate: twice what the API server stores, as base64 in JSON. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;
/**
 * YAML takes about 5 µs a byte on the thread that serves everyone; kubeseal sends JSON, so only what people send by hand is
 * affected.
 */
const MAX_YAML_BYTES = 128 * 1024;
/** How many aliases a document may have, since each is looked up in all of it, and how often they may multiply what they stand for. */
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
  if (document.errors.length > 0 || !isPlain(document)) throw invalid('the document cannot be read'); // parser texts quote the input
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    throw invalid('the document cannot be read');
  }
}

/**
 * Keys that are collections are no JSON, and turning nested ones into texts takes time without bound. So does the looking
 * up of aliases.
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
