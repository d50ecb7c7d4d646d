// Objects of the API: get, list, watch and write.
export { createApiClient } from './client.ts';
export { fencedClient } from './fenced-client.ts';
export { keyText } from './key-text.ts';
export { SECRETS } from './resources.ts';
export type { ApiClient, KubeObject, ObjectKey, ResourceType } from './types.ts';
