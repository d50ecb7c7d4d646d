import { decodeUtf8, parseSealedSecret, type SealedSecret, SealedSecretsError } from '@fuin/crypto-core';
import { parse } from 'yaml';

/** Largest request: twice what the API server stores, as base64 in JSON. */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;
/** YAML is slower to read than JSON and typed by hand: what etcd could store is enough. */
const MAX_YAML_BYTES = 1_572_864;
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

/** Parser texts quote the input, so they stay out of the error. */
function readYaml(text: string): unknown {
  if (text.length > MAX_YAML_BYTES) throw invalid('the document is too large');
  try {
    return parse(text, {
      maxAliasCount: MAX_ALIASES,
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: 'silent',
    });
  } catch {
    throw invalid('the document cannot be read');
  }
}

function invalid(message: string): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', message);
}
