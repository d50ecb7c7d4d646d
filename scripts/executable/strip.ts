import { readFile, writeFile } from 'node:fs/promises';

/** How files of ELF begin that have 64 bits and are little-endian (System V ABI, chapter 4). */
const IDENTITY = Buffer.of(0x7f, 0x45, 0x4c, 0x46, 2, 1);
/** Where the header says where segments and sections are, and how many. */
const HEADER = { segments: 32, sections: 40, segmentCount: 56, sectionCount: 60, namesIndex: 62 } as const;
const SEGMENT_BYTES = 56;
const SECTION_BYTES = 64;
/** A section that the file has no bytes of (sh_type), and one that is part of the process (sh_flags). */
const NOBITS = 8;
const ALLOC = 2;

/** A line of the section table. */
interface Section {
  readonly line: Buffer;
  readonly isLoaded: boolean;
  readonly offset: number;
  readonly bytes: number;
  /** Index of another section that it refers to. */
  readonly link: number;
}

/** Writes a copy of a program without what only debuggers read. */
export async function stripProgram(file: string, output: string): Promise<string> {
  await writeFile(output, withoutSymbols(await readFile(file)), { mode: 0o755 });
  return output;
}

/**
 * An executable of Linux without symbol table and debug information. What is loaded keeps its bytes and its
 * place, so that the process is the same; only the section table moves. The same bytes on every machine.
 *
 * @throws Error when the file is laid out in another way than Node's executables
 */
export function withoutSymbols(program: Buffer): Buffer {
  if (!program.subarray(0, IDENTITY.length).equals(IDENTITY))
    throw new Error('no ELF file of 64 bits, little-endian');
  const sections = sectionsOf(program);
  const kept = sections.filter(({ isLoaded }, index) => index === 0 || isLoaded);
  const names = sections[program.readUInt16LE(HEADER.namesIndex)];
  const end = endOfSegments(program);
  const isPrefix = kept.every((section, index) => section === sections[index]);
  if (!names || !isPrefix || kept.some(({ link }) => link >= kept.length) || areMixed(sections, end))
    throw new Error('what is loaded does not come before what is not');
  return assemble(program.subarray(0, end), program.subarray(names.offset, names.offset + names.bytes), [
    ...kept.map(({ line }) => line),
    names.line,
  ]);
}

/** Whether a segment ends behind a section that is not loaded, or before one that is. */
function areMixed(sections: readonly Section[], end: number): boolean {
  return sections
    .slice(1)
    .some(({ isLoaded, offset, bytes }) => (isLoaded ? offset + bytes > end : offset < end));
}

/** @param lines of the section table, that of the names last */
function assemble(loaded: Buffer, names: Buffer, lines: readonly Buffer[]): Buffer {
  const namesAt = loaded.length;
  const tableAt = Math.ceil((namesAt + names.length) / 8) * 8;
  const result = Buffer.alloc(tableAt + lines.length * SECTION_BYTES);
  loaded.copy(result);
  names.copy(result, namesAt);
  for (const [index, line] of lines.entries()) line.copy(result, tableAt + index * SECTION_BYTES);
  result.writeBigUInt64LE(BigInt(namesAt), result.length - SECTION_BYTES + 24);
  result.writeBigUInt64LE(BigInt(tableAt), HEADER.sections);
  result.writeUInt16LE(lines.length, HEADER.sectionCount);
  result.writeUInt16LE(lines.length - 1, HEADER.namesIndex);
  return result;
}

function endOfSegments(program: Buffer): number {
  const lines = linesOf(program, HEADER.segments, HEADER.segmentCount, SEGMENT_BYTES);
  return Math.max(...lines.map((line) => numberAt(line, 8) + numberAt(line, 32)));
}

function sectionsOf(program: Buffer): Section[] {
  return linesOf(program, HEADER.sections, HEADER.sectionCount, SECTION_BYTES).map((line) => ({
    line,
    isLoaded: (numberAt(line, 8) & ALLOC) !== 0,
    offset: numberAt(line, 24),
    bytes: line.readUInt32LE(4) === NOBITS ? 0 : numberAt(line, 32),
    link: line.readUInt32LE(40),
  }));
}

/** The lines of a table. @param offsetAt, countAt where the header has offset and count */
function linesOf(program: Buffer, offsetAt: number, countAt: number, bytes: number): Buffer[] {
  const start = numberAt(program, offsetAt);
  return Array.from({ length: program.readUInt16LE(countAt) }, (_, index) =>
    program.subarray(start + index * bytes, start + (index + 1) * bytes),
  );
}

/** An offset or a size, all of which are below 2^53 here. */
function numberAt(bytes: Buffer, offset: number): number {
  return Number(bytes.readBigUInt64LE(offset));
}
