import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stripProgram, withoutSymbols } from './strip.ts';

const run = promisify(execFile);
/** Of the section table: sh_flags of the line at an index. */
const flagsAt = (program: Buffer, index: number) => Number(program.readBigUInt64LE(40)) + index * 64 + 8;

describe.skipIf(process.platform !== 'linux')('a program without symbols', () => {
  let directory: string;
  let stripped: string;
  let before: Buffer;
  let after: Buffer;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'fuin-strip-'));
    stripped = await stripProgram(process.execPath, join(directory, 'node'));
    [before, after] = await Promise.all([readFile(process.execPath), readFile(stripped)]);
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it('is a fifth smaller, and runs', async () => {
    expect(after.length).toBeLessThan(before.length * 0.8);
    const script = 'console.log(process.version, new Intl.NumberFormat("de").format(1234.5))';
    expect((await run(stripped, ['-e', script])).stdout).toBe(`${process.version} 1.234,5\n`);
  });
  it('has every byte that is loaded where it was', () => {
    const table = 40; // the header says elsewhere only where the section table is, and how long
    const end = after.length - 4_096;
    expect(after.subarray(64, end).equals(before.subarray(64, end))).toBe(true);
    expect(after.subarray(0, table).equals(before.subarray(0, table))).toBe(true);
  });
  it('has nothing more to lose', () => {
    expect(withoutSymbols(after).equals(after)).toBe(true);
  });
  it('is not made of what is no ELF file, or one that mixes what is loaded and what is not', () => {
    expect(() => withoutSymbols(Buffer.from('#!/bin/sh\n'))).toThrow('no ELF file');
    const mixed = Buffer.from(after);
    mixed.writeBigUInt64LE(0n, flagsAt(mixed, 1));
    expect(() => withoutSymbols(mixed)).toThrow('what is loaded does not come before');
  });
});
