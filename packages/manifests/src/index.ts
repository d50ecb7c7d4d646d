/**
 * How the tools of Kubernetes read and write manifests: YAML and JSON like go-yaml and encoding/json, byte
 * for byte, and edits in place that keep every other byte. Isomorphic: no Node module, no Buffer.
 */
export {
  isNoSecretsFound,
  type ManifestDocument,
  type Manifests,
  noSecretsFound,
  OBJECT_HINT,
  openLists,
  readManifests,
} from './documents.ts';
export { orderSealedSecret, orderSecret } from './field-order.ts';
export { type Format, formatManifest } from './format.ts';
export { hasDuplicateKeys, parseJsonStream } from './json.ts';
export { CHECKED_SHAPE, SEALED_SECRET_SHAPE, SECRET_SHAPE, withOwnNames } from './yaml/expected-types.ts';
export type { YamlDocument } from './yaml/read-yaml.ts';
