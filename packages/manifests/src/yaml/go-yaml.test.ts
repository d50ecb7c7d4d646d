import { describe, expect, it } from 'vitest';
import { vector } from '../../../kubeseal-cli/src/testing/keys.ts';
import { SECRET_SHAPE } from './expected-types.ts';
import { parseYaml } from './read-yaml.ts';
import { emitYaml, type Ordered } from './write-yaml.ts';

interface Emitted {
  readonly value: unknown;
  readonly yaml: string;
}
type Parsed = { readonly yaml: string } & (
  | { readonly value: { metadata: Record<string, unknown>; stringData: unknown; data: unknown } }
  | { readonly error: string }
);

const emitted = JSON.parse(vector('go-yaml/emit.json')) as readonly Emitted[];
const parsed = JSON.parse(vector('go-yaml/parse.json')) as readonly Parsed[];

function ordered(value: unknown): Ordered {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value as Ordered;
  return new Map(Object.entries(value).map(([key, entry]) => [key, ordered(entry)]));
}

describe('emitYaml', () => {
  it.each(emitted.map((each, index) => ({ index, ...each })))(
    'prints vector $index as go-yaml does',
    ({ value, yaml }) => {
      expect(emitYaml(ordered(value))).toBe(yaml);
    },
  );
});

describe('parseYaml', () => {
  const accepted = parsed.filter((each) => 'value' in each);
  const read = (yaml: string) =>
    parseYaml(yaml, 'stdin', SECRET_SHAPE)[0]?.value as Record<string, unknown> | undefined;
  it.each(accepted)('reads vector $yaml', ({ yaml, value }) => {
    const { metadata, stringData, data } = read(yaml) ?? {};
    const { name = '', namespace = '', labels = null } = (metadata ?? {}) as Record<string, unknown>;
    const texts =
      stringData && Object.fromEntries(Object.entries(stringData).map(([key, text]) => [key, text ?? '']));
    expect({ data: data ?? null, stringData: texts ?? null, metadata: { name, labels, namespace } }).toEqual(
      value,
    );
  });
  const syntaxErrors = parsed.filter(
    (each) =>
      'error' in each && /converting YAML to JSON: (yaml|unsupported map key of type: %)/.test(each.error),
  );
  it.each(syntaxErrors)('refuses $yaml as go-yaml does', ({ yaml }) => {
    expect(() => read(yaml)).toThrow(expect.objectContaining({ code: 'ERR_MANIFEST_INVALID' }));
  });
  it('names document, line and column, and quotes nothing', () => {
    const yaml = 'a: b\n---\npassword: "hunter2\nother: x\n';
    expect(() => parseYaml(yaml, 'x.yaml', SECRET_SHAPE)).toThrow(
      /^document 2 of x.yaml is not valid YAML: line \d+, column \d+: [a-z ]+$/,
    );
  });
  it.each([
    '&a [*a]',
    `${'['.repeat(20_000)}`,
    `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'.replace(/./g, (key) => `${key}: &${key} [${`*${String.fromCharCode(key.charCodeAt(0) - 1)},`.repeat(9)}]\n`)}`,
  ])('refuses what would never end (%#)', (yaml) => {
    expect(() => read(yaml)).toThrow(expect.objectContaining({ code: 'ERR_MANIFEST_INVALID' }));
  });
  it('gives a key named __proto__ like any other', () => {
    expect(Object.hasOwn(read('__proto__: x\n') ?? {}, '__proto__')).toBe(true);
  });
});
