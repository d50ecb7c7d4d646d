import { describe, expect, it } from 'vitest';
import { decodeUtf8 } from '../bytes.ts';
import type { SealedSecret } from '../secret/resource.ts';
import { signedContent } from './signed-content.ts';

/** What is signed of a SealedSecret with this template. */
async function templateIn(template: SealedSecret['spec']['template']): Promise<string> {
  const sealedSecret: SealedSecret = {
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    metadata: { name: 'db', namespace: 'shop' },
    spec: { encryptedData: {}, ...(template ? { template } : {}) },
  };
  const text = decodeUtf8(await signedContent(sealedSecret));
  return text.slice(text.indexOf('"template":'));
}

describe('the content that a sealer signs', () => {
  it.each<[string, object | undefined]>([
    ['no template', undefined],
    ['a template without fields', {}],
    ['a template without metadata', { metadata: {} }],
    ['metadata that is null', { metadata: { labels: null, annotations: undefined } }],
    ['an empty type', { type: '' }],
    ['data that is null', { data: null }],
  ])('is the same for %s, as API servers drop empty fields', async (_, template) => {
    expect(await templateIn(template)).toBe('"template":{}}');
  });
  it('holds lists as JSON does, in their order, and no member that is undefined', async () => {
    const owner = { uid: '1', kind: 'Pod', controller: undefined };
    const template: object = { metadata: { finalizers: ['b', 'a'], ownerReferences: [owner] } };
    expect(await templateIn(template)).toBe(
      '"template":{"metadata":{"finalizers":["b","a"],"ownerReferences":[{"kind":"Pod","uid":"1"}]}}}',
    );
  });
});
