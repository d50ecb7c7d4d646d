/** What a mutation tester says of one changed place. */
export interface Mutant {
  /** Path of the file from the root of the repository. */
  readonly file: string;
  /** The line of code, counted from 1. */
  readonly line: number;
  /** What stands there, and what was put in its place. */
  readonly original: string;
  readonly replacement: string;
  readonly status: string;
}

/** A mutant that no test can notice, and why. */
export interface Accepted extends Pick<Mutant, 'file' | 'original' | 'replacement'> {
  readonly reason: string;
}

export interface Verdict {
  /** Part of the mutants that a test noticed, from 0 to 1, accepted ones left out; 1 where there are none. */
  readonly score: number;
  readonly noticed: number;
  /** Mutants that lived and have no reason to, in the order of files and lines. */
  readonly survivors: readonly Mutant[];
  /** Accepted ones that did not live: their code is gone, or a test notices them now. */
  readonly outdated: readonly Accepted[];
}

const NOTICED = ['Killed', 'Timeout'];
const LIVED = ['Survived', 'NoCoverage'];

/** @param accepted those of the files that were mutated */
export function verdictOf(mutants: readonly Mutant[], accepted: readonly Accepted[]): Verdict {
  const isSame = (one: Accepted, other: Mutant) =>
    one.file === other.file && one.original === other.original && one.replacement === other.replacement;
  const lived = mutants.filter(({ status }) => LIVED.includes(status));
  const survivors = lived.filter((mutant) => !accepted.some((one) => isSame(one, mutant)));
  const noticed = mutants.filter(({ status }) => NOTICED.includes(status)).length;
  const counted = noticed + survivors.length;
  return {
    score: counted === 0 ? 1 : noticed / counted,
    noticed,
    survivors: survivors.toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line),
    outdated: accepted.filter((one) => !lived.some((mutant) => isSame(one, mutant))),
  };
}
