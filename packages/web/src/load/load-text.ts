import {
  type Bytes,
  parseSealedSecret,
  parseSecret,
  SealedSecretsError,
  type Secret,
} from '@fuin/crypto-core';
import { itemsOfEnvFile } from '@fuin/items';
import {
  type ManifestDocument,
  noSecretsFound,
  openLists,
  readManifests,
  SECRET_SHAPE,
} from '@fuin/manifests';
import { type ManifestFile, openManifests } from '@fuin/manifests/edit-in-place';
import type { OpenedSealed } from './change-sealed.ts';

/** What a text holds: variables, a Secret, or a SealedSecret to change. */
export type Loaded =
  | { readonly kind: 'items'; readonly items: ReadonlyMap<string, string> }
  | { readonly kind: 'secret'; readonly secret: Secret }
  | { readonly kind: 'sealed'; readonly opened: OpenedSealed };

/** The first line that is neither blank nor a comment is an assignment. */
const VARIABLES = /^(?:[^\S\n]*(?:#.*)?\n)*[^\S\n]*(?:export +)?[A-Za-z_][\w.-]*[^\S\n]*=/;

/**
 * Reads a `.env` file, a Secret or a SealedSecret in YAML or JSON.
 *
 * @param where name of the file, for messages
 * @throws ERR_MANIFEST_INVALID for everything else, and for several objects at once
 */
export async function loadText(bytes: Bytes, where: string): Promise<Loaded> {
  const text = new TextDecoder().decode(bytes);
  if (VARIABLES.test(text)) return { kind: 'items', items: itemsOfEnvFile(text, where) };
  const file = await openManifests(bytes, where);
  const document = onlyObject(file.documents, where);
  if (document.value['kind'] === 'SealedSecret')
    return { kind: 'sealed', opened: openSealed(file, document) };
  if (document.value['kind'] !== undefined && document.value['kind'] !== 'Secret')
    throw invalid(`${document.label} is a ${String(document.value['kind']).slice(0, 100)}, not a Secret`);
  const { documents } = await readManifests(bytes, where, SECRET_SHAPE);
  return { kind: 'secret', secret: parseSecret(onlyObject(documents, where).value) };
}

function openSealed(file: ManifestFile, document: ManifestDocument): OpenedSealed {
  return { file, document, sealedSecret: parseSealedSecret(document.value) };
}

function onlyObject(documents: readonly ManifestDocument[], where: string): ManifestDocument {
  const objects = openLists(documents);
  const [first] = objects;
  if (!first) throw noSecretsFound(`${where} holds no object`);
  if (objects.length > 1)
    throw invalid(`${where} holds ${objects.length} objects`, 'load a file with one of them');
  return first;
}

function invalid(message: string, hint?: string): SealedSecretsError {
  return new SealedSecretsError('ERR_MANIFEST_INVALID', message, hint === undefined ? {} : { hint });
}
