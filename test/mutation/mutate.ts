import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { Stryker } from '@stryker-mutator/core';
import { ACCEPTED } from './accepted.ts';
import { ROOMS, type Room } from './rooms.ts';
import { type Mutant, verdictOf } from './verdict.ts';

/**
 * `pnpm mutation [ROOM ...]`: changes the code of a room in one place at a time, in a copy, and runs the
 * room's tests against each change. It prints the changes that no test noticed, and ends with 1 where too
 * many were not noticed, or where an accepted one (accepted.ts) is outdated.
 */
const LEAST_SCORE = 0.85;
const root = join(import.meta.dirname, '../..');

type Result = Awaited<ReturnType<Stryker['runMutationTest']>>[number];

/** Runs the mutation tester on one room. */
async function mutantsOf({ code, tests }: Room): Promise<Mutant[]> {
  process.env['FUIN_MUTATION_TESTS'] = tests; // for vitest.config.ts beside this file
  const stryker = new Stryker({
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
    mutate: code.flatMap((folder) => [`${folder}/**/*.ts`, `!${folder}/**/*.test.ts`]),
    ignorePatterns: ['.cache', 'dist', '/site', '/release'],
    coverageAnalysis: 'perTest',
    ignoreStatic: true,
    disableTypeChecks: false, // Node strips types
    tsconfigFile: 'none', // else it is rewritten, for which TypeScript 7 has no interface
    mutator: { excludedMutations: ['StringLiteral'] }, // texts are held by transcripts and contract tests
    tempDirName: 'node_modules/.cache/stryker',
    dryRunTimeoutMinutes: 30,
    reporters: ['progress-append-only'],
    allowConsoleColors: false,
  });
  const results = await stryker.runMutationTest();
  return Promise.all(results.map(toMutant));
}

async function toMutant({ fileName, location, replacement, status }: Result): Promise<Mutant> {
  const lines = (await readFile(fileName, 'utf8')).split('\n');
  const { start, end } = location; // lines and columns are counted from 1
  const inside = lines.slice(start.line - 1, end.line);
  const last = inside.length - 1;
  const original = inside
    .map((line, at) => line.slice(at === 0 ? start.column - 1 : 0, at === last ? end.column - 1 : undefined))
    .join('\n');
  return {
    file: relative(root, fileName),
    line: start.line,
    original,
    replacement: replacement ?? '',
    status,
  };
}

const shorten = (text: string) => text.replace(/\s+/g, ' ').slice(0, 120);

/** @returns whether enough of the room's mutants are noticed */
async function judge(room: Room): Promise<boolean> {
  const mutants = await mutantsOf(room);
  const files = new Set(mutants.map(({ file }) => file));
  const { score, noticed, survivors, outdated } = verdictOf(
    mutants,
    ACCEPTED.filter(({ file }) => files.has(file)),
  );
  for (const { file, line, original, replacement } of survivors)
    console.log(`${file}:${line}: ${shorten(original)}  ->  ${shorten(replacement)}`);
  for (const { file, original, replacement } of outdated)
    console.log(`${file}: accepted, and outdated: ${shorten(original)}  ->  ${shorten(replacement)}`);
  console.log(
    `${room.name}: ${(100 * score).toFixed(1)} % of ${noticed + survivors.length} mutants noticed (at least ${100 * LEAST_SCORE} %)`,
  );
  return score >= LEAST_SCORE && outdated.length === 0;
}

const names = process.argv.slice(2);
const unknown = names.filter((name) => !ROOMS.some((room) => room.name === name));
if (unknown.length > 0) {
  console.error(`no room ${unknown.join(', ')}; there are: ${ROOMS.map(({ name }) => name).join(', ')}`);
  process.exitCode = 2;
} else {
  for (const room of ROOMS.filter(({ name }) => names.length === 0 || names.includes(name)))
    if (!(await judge(room))) process.exitCode = 1;
}
