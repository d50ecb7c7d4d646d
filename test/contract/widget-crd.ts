import type { ApiClient } from '../support/api/api-client.ts';
import { uniqueName } from '../support/cluster/use-cluster.ts';
import { PATIENCE_MS } from '../support/time/patience.ts';

/** A custom resource of the test's own. */
export interface CustomResource {
  readonly group: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly crdPath: string;
  /** Base path of the collection in a namespace. */
  path(namespace: string): string;
}

const spec = {
  type: 'object',
  required: ['size'],
  properties: {
    size: { type: 'integer', minimum: 1, maximum: 10 },
    color: { type: 'string', enum: ['red', 'blue'] },
    code: { type: 'string', pattern: '^[a-z]+$', maxLength: 5 },
    due: { type: 'string', format: 'date-time' },
    blob: { type: 'string', format: 'byte' },
    note: { type: 'string', nullable: true },
    port: { 'x-kubernetes-int-or-string': true },
    mode: { type: 'string', default: 'slow' },
    map: { type: 'object', additionalProperties: { type: 'string' } },
    open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    loose: {
      type: 'object',
      additionalProperties: { type: 'string' },
      'x-kubernetes-preserve-unknown-fields': true,
    },
    list: {
      type: 'array',
      items: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
    },
  },
};

const status = {
  type: 'object',
  properties: {
    observedGeneration: { type: 'integer', format: 'int64' },
    conditions: {
      type: 'array',
      items: {
        type: 'object',
        required: ['type', 'status'],
        properties: {
          type: { type: 'string' },
          status: { type: 'string' },
          reason: { type: 'string' },
          message: { type: 'string' },
          lastTransitionTime: { type: 'string', format: 'date-time' },
        },
      },
    },
  },
};

/**
 * Applies a CustomResourceDefinition with status subresource and printer columns; waits until it is served.
 */
export async function createCustomResource(client: ApiClient): Promise<CustomResource> {
  const word = uniqueName('w').replace('-', '');
  const group = 'contract.example.com';
  const kind = `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`;
  const plural = `${word}s`;
  const crdPath = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plural}.${group}`;
  await client.create('/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [
            { name: 'Synced', type: 'string', jsonPath: '.status.conditions[0].status' },
            { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
            { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
          ],
          schema: { openAPIV3Schema: { type: 'object', required: ['spec'], properties: { spec, status } } },
        },
      ],
    },
  });
  const path = (namespace: string): string => `/apis/${group}/v1/namespaces/${namespace}/${plural}`;
  await waitUntilServed(client, path('default'));
  return { group, apiVersion: `${group}/v1`, kind, plural, crdPath, path };
}

/** The real server serves a new kind a moment after it took its definition. */
async function waitUntilServed(client: ApiClient, path: string): Promise<void> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; ) {
    const { code } = await client.request('GET', path);
    if (code === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${path} is not served`);
}
