// How the tools of Kubernetes read and write manifests, in YAML and JSON.
export {
  isNoSecretsFound,
  type ManifestDocument,
  noSecretsFound,
  OBJECT_HINT,
  openLists,
  readManifests,
} from './documents.ts';
export { rewriteManifests } from './edit-in-place.ts';
export { orderSealedSecret, orderSecret } from './field-order.ts';
export { type Format, formatManifest } from './format.ts';
export { parseJsonStream } from './json.ts';
export type { TextEdit } from './yaml/edit-yaml.ts';
export { CHECKED_SHAPE, SEALED_SECRET_SHAPE, SECRET_SHAPE, withOwnNames } from './yaml/expected-types.ts';
export type { YamlDocument } from './yaml/read-yaml.ts';
