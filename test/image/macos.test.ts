import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildExecutable } from '../../scripts/executable/executable.ts';
import { signForMacos } from '../../scripts/executable/macos-signature.ts';
import { liefPython, MACOS } from '../support/tools/image-tools.ts';
import { readSignature } from './code-signature.ts';

const run = promisify(execFile);
const BUILD_TIMEOUT_MS = 600_000;
/** Judges the layout of an executable like macOS' loader, and says where its signature is. */
const LAYOUT = `
import json, lief, sys
lief.logging.disable()
program = lief.MachO.parse(sys.argv[1]).at(0)
ok, complaint = lief.MachO.check_layout(program)
print(json.dumps({
  "complaint": complaint,
  "cpu": str(program.header.cpu_type).split(".")[-1],
  "signature": [program.code_signature.data_offset, program.code_signature.data_size],
  "segments": [segment.name for segment in program.segments],
}))`;

let directory: string;
let file: string;
let program: Buffer;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fuin-macos-test-'));
  file = (await buildExecutable('kubeseal', { platform: MACOS, output: join(directory, 'kubeseal') })).file;
  program = await readFile(file);
}, BUILD_TIMEOUT_MS);
afterAll(() => rm(directory, { recursive: true, force: true }));

describe('kubeseal for macOS', () => {
  it('is laid out as LIEF expects it of macOS, with the program and a signature in it', async () => {
    const { stdout } = await run(liefPython, ['-c', LAYOUT, file]);
    const layout = JSON.parse(stdout);
    expect(layout).toMatchObject({ complaint: '', cpu: 'ARM64' });
    expect(layout.segments).toEqual(expect.arrayContaining(['__TEXT', 'NODE_SEA', '__LINKEDIT']));
    const [offset, size] = layout.signature;
    expect(offset + size).toBeLessThanOrEqual(program.length);
    expect(offset).toBe(readSignature(program).offset);
  });

  it('is signed ad hoc: the signature covers every page up to itself, and each digest is right', () => {
    const { offset, identifier, flags, limit, pageBytes, digests } = readSignature(program);
    expect({ identifier, flags, limit }).toEqual({ identifier: 'kubeseal', flags: 'adhoc', limit: offset });
    expect(digests).toHaveLength(Math.ceil(limit / pageBytes));
    const wrong = digests.filter((digest, page) => {
      const content = program.subarray(page * pageBytes, Math.min((page + 1) * pageBytes, limit));
      return !createHash('sha256').update(content).digest().equals(digest);
    });
    expect(wrong).toEqual([]);
  });

  it('may write code and run it, where macOS hardens programs; the signature covers that, too', () => {
    const { entitlements, special } = readSignature(program);
    for (const form of entitlements) {
      expect(form.text).toContain('com.apple.security.cs.allow-jit');
      expect(form.text).toContain('com.apple.security.cs.allow-unsigned-executable-memory');
      expect(special[form.slot]).toEqual(form.digest);
    }
    expect(entitlements.map(({ slot }) => slot)).toEqual([5, 7]); // XML, DER
  });

  it('is not signed over another signature, nor is what is no program', async () => {
    await expect(signForMacos(file, 'kubeseal')).rejects.toThrow('is signed already');
    const other = join(directory, 'other');
    await writeFile(other, 'no program');
    await expect(signForMacos(other, 'kubeseal')).rejects.toThrow(/codesign: \S+other: /);
  });
});
