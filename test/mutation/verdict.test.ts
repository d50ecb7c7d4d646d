import { describe, expect, it } from 'vitest';
import { type Accepted, type Mutant, verdictOf } from './verdict.ts';

const mutant = (line: number, status: string, replacement = 'false'): Mutant => ({
  file: 'a.ts',
  line,
  original: `x > ${line}`,
  replacement,
  status,
});
const accepted: Accepted = { file: 'a.ts', original: 'x > 2', replacement: 'false', reason: 'same' };

describe('verdictOf', () => {
  it('counts mutants that a test noticed, by a failure or since it hung', () => {
    const mutants = [
      mutant(1, 'Killed'),
      mutant(2, 'Timeout'),
      mutant(3, 'Survived'),
      mutant(4, 'NoCoverage'),
    ];
    expect(verdictOf(mutants, [])).toMatchObject({
      score: 0.5,
      noticed: 2,
      survivors: [{ line: 3 }, { line: 4 }],
    });
  });
  it('leaves out what says nothing of the tests', () => {
    const mutants = [
      mutant(1, 'Killed'),
      mutant(2, 'Ignored'),
      mutant(3, 'CompileError'),
      mutant(4, 'RuntimeError'),
    ];
    expect(verdictOf(mutants, [])).toEqual({ score: 1, noticed: 1, survivors: [], outdated: [] });
  });
  it('names no accepted mutant, and counts it nowhere', () => {
    const mutants = [mutant(1, 'Killed'), mutant(2, 'Survived')];
    expect(verdictOf(mutants, [accepted])).toEqual({ score: 1, noticed: 1, survivors: [], outdated: [] });
  });
  it.each([
    ['which a test notices now', [mutant(2, 'Killed')]],
    ['whose code is gone', []],
    ['which another replacement survived', [mutant(2, 'Survived', 'true')]],
  ])('names an accepted mutant %s', (_why, mutants) => {
    expect(verdictOf(mutants, [accepted]).outdated).toEqual([accepted]);
  });
  it('has the survivors in the order of lines', () => {
    const mutants = [mutant(10, 'Survived'), mutant(9, 'Survived')];
    expect(verdictOf(mutants, []).survivors.map(({ line }) => line)).toEqual([9, 10]);
  });
  it('is full where there is nothing to mutate', () => {
    expect(verdictOf([], []).score).toBe(1);
  });
});
