import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8 } from '../bytes.ts';
import { encryptionLabel, type Scope, scopeOf, withScope } from './scope.ts';

const SCOPES = ['cluster-wide', 'namespace-wide', 'strict'] as const;

const CLUSTER = 'sealedsecrets.bitnami.com/cluster-wide';
const NAMESPACE = 'sealedsecrets.bitnami.com/namespace-wide';

describe('scopeOf', () => {
  it.each([
    [undefined, 'strict'],
    [{}, 'strict'],
    [{ [CLUSTER]: 'true' }, 'cluster-wide'],
    [{ [NAMESPACE]: 'true' }, 'namespace-wide'],
    [{ [NAMESPACE]: 'true', [CLUSTER]: 'true' }, 'cluster-wide'],
    [{ [NAMESPACE]: 'true', [CLUSTER]: 'false' }, 'namespace-wide'],
    [{ [CLUSTER]: 'True' }, 'strict'],
    [{ [CLUSTER]: '1' }, 'strict'],
    [{ [CLUSTER]: '' }, 'strict'],
    [{ [CLUSTER]: 'true ' }, 'strict'],
    [{ [CLUSTER]: true }, 'strict'],
    [{ 'cluster-wide': 'true' }, 'strict'],
  ])('reads %j as %s', (annotations, scope) => expect(scopeOf(annotations)).toBe(scope));
});

describe('withScope', () => {
  const both = { a: 'b', [CLUSTER]: 'true', [NAMESPACE]: 'false' };
  it.each([
    ['strict', { a: 'b' }],
    ['namespace-wide', { a: 'b', [NAMESPACE]: 'true' }],
    ['cluster-wide', { a: 'b', [CLUSTER]: 'true' }],
  ] as const)('leaves exactly the mark of %s', (scope, expected) => {
    expect(withScope(both, scope)).toEqual(expected);
    expect(scopeOf(withScope(both, scope))).toBe(scope);
  });
  it('does not change its input', () => {
    withScope(Object.freeze({ ...both }), 'strict');
    expect(Object.keys(both)).toHaveLength(3);
  });
});

describe('encryptionLabel', () => {
  it.each([
    ['strict', 'blue/db'],
    ['namespace-wide', 'blue'],
    ['cluster-wide', ''],
  ] as const)('of %s is "%s"', (scope, label) => {
    expect(decodeUtf8(encryptionLabel(scope, 'blue', 'db'))).toBe(label);
  });
  it('is UTF-8 without normalisation', () => {
    expect([...encryptionLabel('namespace-wide', 'e\u0301', '')]).toEqual([0x65, 0xcc, 0x81]);
  });
  it.each(['strict', 'namespace-wide'] as const)('of %s refuses a namespace with a slash', (scope) => {
    expect(() => encryptionLabel(scope, 'blue/db', 'x')).toThrow(
      expect.objectContaining({ code: 'ERR_MANIFEST_INVALID' }),
    );
  });
  it('of cluster-wide takes nothing from the namespace, whatever it is', () => {
    expect(encryptionLabel('cluster-wide', 'blue/db', 'x')).toHaveLength(0);
  });
  it('never is the same for two different scopes, namespaces or strict names', () => {
    const name = fc.string({ unit: fc.constantFrom('a', '/', '-'), maxLength: 4 });
    const namespace = fc.string({ unit: fc.constantFrom('a', '-'), minLength: 1, maxLength: 3 });
    const place = fc.tuple(fc.constantFrom(...SCOPES), namespace, name);
    const whatCounts = ([scope, ...parts]: readonly [Scope, string, string]) =>
      [scope, ...parts.slice(0, 2 - SCOPES.toReversed().indexOf(scope))].join(' ');
    const property = fc.property(place, place, (one, other) => {
      fc.pre(whatCounts(one) !== whatCounts(other));
      expect(encryptionLabel(...one)).not.toEqual(encryptionLabel(...other));
    });
    fc.assert(property, { numRuns: 2000 });
  });
});
