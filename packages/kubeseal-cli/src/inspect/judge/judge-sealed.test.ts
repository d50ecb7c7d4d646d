import { describe, expect, it } from 'vitest';
import { judgeSealed } from './judge-sealed.ts';

const CLUSTER_WIDE = 'sealedsecrets.bitnami.com/cluster-wide';
const NAMESPACE_WIDE = 'sealedsecrets.bitnami.com/namespace-wide';
const metadata = { name: 'db', namespace: 'shop' };
const found = (spec: object, more: object = {}) =>
  judgeSealed({ metadata, spec, ...more }, { label: 'document 1', path: ['items', '0'] }, false);
const finding = (
  rule: string,
  message: string,
  about: readonly string[],
  path: readonly string[] = about,
) => ({
  rule,
  message: `document 1${message}`,
  about: ['SealedSecret', 'shop/db', ...about],
  path: ['items', '0', ...path],
});

describe('judgeSealed, for items in the clear', () => {
  it('names each place of one', () => {
    const spec = {
      encryptedData: { a: 'hunter2' },
      data: 'hunter2',
      stringData: { b: 'hunter2' },
      template: { stringData: { c: 'hunter2' }, data: { password: 'hunter2' } },
    };
    const named = 'SealedSecret shop/db';
    expect(found(spec)).toEqual([
      finding('not-sealed', `: item a of ${named} is not sealed`, ['a'], ['spec', 'encryptedData', 'a']),
      finding('not-sealed', `: spec.data of ${named} is not sealed`, ['spec.data'], ['spec', 'data']),
      finding('secret-in-template', `: ${named} has items in the clear in spec.template.stringData`, [
        ...['spec', 'template', 'stringData'],
      ]),
      finding('not-sealed', `: ${named} has items in the clear in spec.stringData`, ['spec', 'stringData']),
      finding('fixed-template', `: template item password of ${named} has fixed text that may be secret`, [
        ...['spec', 'template', 'data', 'password'],
      ]),
    ]);
  });
  it.each<[string, object]>([
    ['items that refer to values elsewhere', { template: { stringData: { a: '{{ .Values.a }}' } } }],
    ['a text that refers to one', { stringData: '{{ .Values.a }}' }],
    ['an empty map', { stringData: {}, template: { stringData: {} } }],
    ['no legacy value', { data: null }],
    ['a legacy value that comes from elsewhere', { data: '{{ .Values.a }}' }],
    ['an empty password', { template: { data: { password: '', token: ' \n' } } }],
    ['a password that is no text', { template: { data: { password: 7, token: null } } }],
  ])('accepts %s', (_what, spec) => {
    expect(found(spec)).toEqual([]);
  });
  it('reads lines of the template up to 1,000 characters', () => {
    const line = (length: number) => `password=${'x'.repeat(length - 'password='.length)}`;
    const rules = (length: number) =>
      found({ template: { data: { conf: line(length) } } }).map(({ rule }) => rule);
    expect(rules(1_000)).toEqual(['fixed-template']);
    expect(rules(1_001)).toEqual([]);
  });
});

describe('judgeSealed, for scopes and places', () => {
  const annotated = (annotations: object, template: object = {}) =>
    found({ template: { metadata: template } }, { metadata: { ...metadata, annotations } }).map(
      ({ rule, path }) => [rule, path.slice(2)],
    );
  it('names the annotation that has no effect', () => {
    expect(annotated({ [CLUSTER_WIDE]: 'yes' })).toEqual([
      ['scope-ignored', ['metadata', 'annotations', CLUSTER_WIDE]],
    ]);
  });
  it('accepts one that says false, also beside one that counts', () => {
    expect(annotated({ [CLUSTER_WIDE]: 'false' })).toEqual([]);
    const both = { [CLUSTER_WIDE]: 'false', [NAMESPACE_WIDE]: 'true' };
    expect(annotated(both, { annotations: { [NAMESPACE_WIDE]: 'true' } })).toEqual([]);
  });
  it.each<[string, object, string[]]>([
    ['name', { name: 'other' }, ['moved-value', 'name']],
    ['namespace', { namespace: 'other' }, ['moved-value', 'namespace']],
    ['scope', { annotations: { [CLUSTER_WIDE]: 'true' } }, ['scope-contradiction', 'annotations']],
  ])('names the %s of the template that contradicts', (_what, template, [rule, field]) => {
    expect(annotated({}, template)).toEqual([[rule, ['spec', 'template', 'metadata', field]]]);
  });
  it.each<[string, unknown]>([
    ['an expression of Helm', '{{ .Values.name }}'],
    ['a part that Helm fills in', 'db-{{ .Release.Name }}'],
    ['a variable', `\${NAME}`],
    ['no text', 7],
  ])('accepts a name of the template that is %s', (_what, name) => {
    expect(annotated({}, { name })).toEqual([]);
    expect(annotated({}, { namespace: name })).toEqual([]);
  });
});
