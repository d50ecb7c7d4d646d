import { readFile } from 'node:fs/promises';
import { brotliDecompressSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { vectorsFile } from '../vectors.ts';
import { describeFailure, TemplateError, type TemplateFailure } from './errors.ts';
import { createRenderer } from './renderer.ts';

interface Vector {
  readonly group: string;
  readonly name: string;
  readonly text: string;
  readonly values: Readonly<Record<string, string | null>>;
  readonly output?: string;
  readonly error?: string;
}

/** Longer than any word of the vocabulary that a value could equal by chance. */
const TELLING_LENGTH = 8;
const IN_FLIGHT = 8;

const lines = brotliDecompressSync(await readFile(vectorsFile))
  .toString('utf8')
  .trimEnd()
  .split('\n');
const vectors = lines.map((line): Vector => JSON.parse(line));
const renderer = createRenderer({ unsafeErrorText: true });
afterAll(() => renderer.close());

const bytesOf = (base64: string | null | undefined): Uint8Array => Buffer.from(base64 ?? '', 'base64');

async function renderVector(vector: Vector): Promise<{ output: string } | { failure: TemplateFailure }> {
  const values = new Map(Object.entries(vector.values).map(([name, value]) => [name, bytesOf(value)]));
  try {
    const outputs = await renderer.render({ templates: { [vector.name]: vector.text }, values });
    return { output: Buffer.from(outputs.get(vector.name) ?? []).toString('base64') };
  } catch (error) {
    const failure = error instanceof TemplateError ? error.failures[0] : undefined;
    if (!failure) throw error;
    return { failure };
  }
}

function differsFromGo(vector: Vector, result: Awaited<ReturnType<typeof renderVector>>): boolean {
  if ('output' in result) return vector.error !== undefined || result.output !== (vector.output ?? '');
  return result.failure.unsafeText !== new TextDecoder().decode(bytesOf(vector.error));
}

/** Whether a caller sees, by default, any value or any quoted string of the template. */
function leaks(vector: Vector, { unsafeText: _, template: __, ...failure }: TemplateFailure): boolean {
  const visible = `${JSON.stringify(failure)}${describeFailure({ ...failure, template: '' })}`;
  const values = Object.values(vector.values).map((value) => Buffer.from(bytesOf(value)).toString());
  const quoted = [...vector.text.matchAll(/"([^"]*)"/g)].map((match) => match[1] ?? '');
  return [...values, ...quoted].some((secret) => secret.length >= TELLING_LENGTH && visible.includes(secret));
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      for (const item of rest) await work(item);
    }),
  );
}

describe('golden vectors', () => {
  it('are at least 5,000', () => {
    expect(vectors.length).toBeGreaterThan(5_000);
  });

  it.each([...new Set(vectors.map(({ group }) => group))])(
    'render %s byte for byte as Go does',
    async (group) => {
      const wrong: unknown[] = [];
      const leaking: unknown[] = [];
      const ours = vectors.filter((vector) => vector.group === group);
      await inParallel(ours, async (vector) => {
        const result = await renderVector(vector);
        if (differsFromGo(vector, result)) wrong.push({ vector, result });
        if ('failure' in result && leaks(vector, result.failure)) leaking.push({ vector, result });
      });
      expect({ wrong: wrong.slice(0, 3), leaking: leaking.slice(0, 3) }).toEqual({ wrong: [], leaking: [] });
    },
  );
});
