import { describe, expect, it } from 'vitest';
import { orderSealedSecret } from '../field-order.ts';
import { replaceItems } from './replace-items.ts';

const LIST = `apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- kind: ConfigMap
  data: {on: yes, port: 0o10, big: 12345678901234567890, text: "8080"} # kept
- kind: Secret # hunter2
  data:
    password: aHVudGVyMg==
functionConfig:
  kind: Any
`;
const value = orderSealedSecret({ kind: 'SealedSecret', metadata: { name: 'yes' } });

describe('replaceItems', () => {
  it('replaces an object with its comments, and leaves every other value as it is written', () => {
    const text = replaceItems(LIST, { items: new Map([[1, value]]) });
    expect(text).toBe(
      LIST.replace(/- kind: Secret[\s\S]*==\n/, '- kind: SealedSecret\n  metadata:\n    name: "yes"\n')
        .replace('text: "8080"} # kept', 'text: "8080" } # kept')
        .replace('{on', '{ on'),
    );
  });
  it('drops the comments around a replaced object, which may quote it', () => {
    const list =
      'items:\n# hunter2\n- kind: Secret # hunter2\n# hunter2\n- kind: A\n# hunter2\n- kind: Secret\n  # hunter2\n# hunter2\nfunctionConfig: {}\n';
    const text = replaceItems(list, { items: new Map([0, 2].map((at) => [at, value])) });
    expect(text).not.toContain('hunter2');
    expect(text).toContain('- kind: A\n');
  });
  it.each([
    ['items:\n  - kind: A\n  - kind: Secret\n  # hunter2\nfunctionConfig: {}\n'],
    ['items:\n- kind: A\n- kind: Secret\n# hunter2\nfunctionConfig: {}\n'],
    ['kind: ResourceList\n# hunter2\nitems: # hunter2\n- kind: A\n- kind: Secret\n'],
  ])('drops the comments before and behind the list of %j', (list) => {
    const text = replaceItems(list, { items: new Map([[1, value]]) });
    expect(text).not.toContain('hunter2');
    expect(text).toContain('- kind: A\n');
  });
  it.each(['kind: ResourceList\nitems: []\n', 'kind: ResourceList\n'])(
    'adds fields, also where there are no items: %j',
    (list) => {
      const fields = new Map([['results', [orderSealedSecret({ message: 'done' })]]]);
      expect(replaceItems(list, { items: new Map(), fields })).toBe(
        'kind: ResourceList\nitems: []\nresults:\n- message: done\n',
      );
    },
  );
  it('refuses a list in which another object is an alias of a replaced one, and quotes nothing of it', () => {
    const shared = 'items:\n- data: {a: &hunter2 x}\n- data: {a: *hunter2}\n';
    const replace = () => replaceItems(shared, { items: new Map([[0, value]]) });
    expect(replace).toThrow(expect.objectContaining({ code: 'ERR_MANIFEST_INVALID' }));
    expect(replace).not.toThrow(/hunter2/);
  });
});
