import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { normalise } from '../../test/support/pages/output.ts';
import { parseCast, textOf } from './cast.ts';
import { RECORDINGS } from './recordings.ts';
import { renderCast } from './svg.ts';

const docs = join(import.meta.dirname, '../../docs');
const read = (path: string) => readFileSync(join(docs, path), 'utf8');
const castOf = (name: string) => parseCast(read(`images/${name}.cast`));
const cast = (...events: readonly (readonly [number, string])[]) => ({
  command: 'run',
  title: 'A title',
  events,
});

describe('the recordings of the documentation', () => {
  it.each(RECORDINGS)(
    '$name is what scripts/recordings/record.ts makes of its cast',
    ({ name, title, command }) => {
      expect(castOf(name)).toMatchObject({ title, command });
      expect(renderCast(castOf(name))).toBe(read(`images/${name}.svg`));
    },
  );
  it('show what docs/terminal.md shows, which test/docs compares with the program', () => {
    const [, demo = ''] =
      /^npx -y pnpm@12 demo\n```\n\n```text\n([\s\S]*?)^```$/m.exec(read('terminal.md')) ?? [];
    expect(demo).not.toBe('');
    expect(normalise(textOf(castOf('demo')))).toBe(normalise(demo));
  });
});

describe('a recording as SVG', () => {
  it('begins with the command, and shows each step when a person has read the one before, and after a short wait at most', () => {
    const svg = renderCast(cast([0.1, 'one\ntwo\n'], [9, 'three\n']));
    expect(svg).toContain('>$ run</text>');
    expect([...svg.matchAll(/animation-delay: ([\d.]+)s/g)].map(([, time]) => Number(time))).toEqual([
      0, 0.3, 1.8,
    ]);
  });
  it('scrolls when more was printed than fits', () => {
    const svg = renderCast(cast([1, 'x\n'.repeat(30)]));
    expect(svg).toContain('translateY(-260px)');
  });
  it('shows markup as text, and a line that came in two parts as one', () => {
    const svg = renderCast(cast([0, '<b>&'], [1, 'c\n']));
    expect(svg).toContain('>&#60;b&#62;&#38;c</text>');
  });
  it('refuses escape sequences', () => {
    expect(() => renderCast(cast([0, '\u001b[1mx\n']))).toThrow('escape sequence');
  });
});
