import { afterAll, describe, expect, it } from 'vitest';
import { TemplateError } from './errors.ts';
import { createRenderer } from './renderer.ts';

const renderer = createRenderer({ workers: 1 });
afterAll(() => renderer.close());

async function failuresOf(templates: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const failure: unknown = await renderer
    .render({ templates, values: new Map() })
    .catch((error: unknown) => error);
  return failure instanceof TemplateError ? failure.failures.map(({ template }) => template) : [];
}

describe('templates that fail', () => {
  it('end a call after 20 of them, however many there are', async () => {
    const names = Array.from({ length: 5_000 }, (_, index) => `t${index}`);
    const templates = Object.fromEntries(
      names.map((name, index) => [name, index % 2 === 0 ? '{{ 1 }}' : '{{']),
    );
    expect(await failuresOf(templates)).toEqual(names.filter((_, index) => index % 2 === 1).slice(0, 20));
  });
  it('are all named where there are fewer', async () => {
    expect(await failuresOf({ a: '{{', b: '{{ 1 }}', c: '{{ fail "x" }}' })).toEqual(['a', 'c']);
  });
});
