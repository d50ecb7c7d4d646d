import { KIND, parseSealedSecret, SealedSecretsError } from '@fuin/crypto-core';
import { openLists, parseJsonStream, SEALED_SECRET_SHAPE, type YamlDocument } from '@fuin/manifests';
import { decodeStrictly } from '@fuin/manifests/text-encoding';
import { isObject } from '../io/fields.ts';
import type { Input } from '../io/inputs.ts';
import type { SealedInput } from './sealed-secrets.ts';
import type { Failure } from './tree/failures.ts';

/**
 * The SealedSecrets of one file of a tree, also those in Lists. Everything else is passed over, and a file
 * without the word SealedSecret is not even parsed. An object that is wrong does not hide the others.
 *
 * @returns the SealedSecrets, and why the file or an object in it cannot be read
 */
export async function sealedObjectsIn({ bytes, where }: Input): Promise<(SealedInput | Failure)[]> {
  const text = decodeStrictly(bytes)?.text;
  if (text === undefined)
    return [failure(where, `${where} is neither UTF-8 nor UTF-16 with a byte order mark`)];
  if (!text.includes(KIND)) return [];
  try {
    const documents = (await readDocuments(text, where)).flatMap(({ value }, index) => {
      const label = `document ${index + 1} of ${where}`;
      return isObject(value) ? [{ index, path: [], label, value }] : [];
    });
    return openLists(documents)
      .filter(({ value }) => value['kind'] === KIND)
      .map((document) => {
        const { label, value } = document;
        try {
          return { label, document, sealedSecret: parseSealedSecret(value) };
        } catch (error) {
          return failure(where, `${label}: ${known(error).message}`);
        }
      });
  } catch (error) {
    return [{ where, error: known(error) }];
  }
}

async function readDocuments(text: string, where: string): Promise<readonly YamlDocument[]> {
  const { values, rest } = /^\s*\{/.test(text) ? parseJsonStream(text, where) : { values: [], rest: text };
  const json = values.map((value) => ({ value, changedPaths: [] }));
  if (rest.trim() === '') return json;
  const { parseYaml } = await import('@fuin/manifests/read-yaml');
  return [...json, ...parseYaml(rest, where, SEALED_SECRET_SHAPE)];
}

/** @throws what is none of our errors: a bug */
function known(error: unknown): SealedSecretsError {
  if (error instanceof SealedSecretsError) return error;
  throw error;
}

function failure(where: string, message: string): Failure {
  return { where, error: new SealedSecretsError('ERR_MANIFEST_INVALID', message) };
}
