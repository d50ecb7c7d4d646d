import { MAX_ENTRIES, parseSealedSecret } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../client/types.ts';
import { withoutExcess } from './transform.ts';

const entries = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`i${index}`, '']));
const sealed = (spec: object): KubeObject => ({
  apiVersion: 'bitnami.com/v1alpha1',
  kind: 'SealedSecret',
  metadata: { name: 'db', namespace: 'blue' },
  spec,
});

describe('withoutExcess', () => {
  it('keeps no more entries of a map than it takes to refuse the object, wherever the map is', () => {
    const [many, lists] = [entries(MAX_ENTRIES + 9), [[{ deep: entries(MAX_ENTRIES + 2) }]]];
    const spec = withoutExcess(sealed({ encryptedData: many, lists }))['spec'] as {
      encryptedData: object;
      lists: { deep: object }[][];
    };
    const counts = [spec.encryptedData, spec.lists[0]?.[0]?.deep ?? {}].map((map) => Object.keys(map).length);
    expect(counts).toEqual([MAX_ENTRIES + 1, MAX_ENTRIES + 1]);
  });
  it('changes nothing of why the object is refused', () => {
    const object = withoutExcess(sealed({ encryptedData: entries(MAX_ENTRIES + 9) }));
    expect(() => parseSealedSecret(object)).toThrow('spec.encryptedData has more than 16384 entries');
  });
  it('leaves an object alone that can be read', () => {
    const object = sealed({
      encryptedData: entries(MAX_ENTRIES),
      template: { data: JSON.parse('{"__proto__":null}') },
    });
    const before = structuredClone(object);
    expect(withoutExcess(object)).toBe(object);
    expect(object).toEqual(before);
  });
});
