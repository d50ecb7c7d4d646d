import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { store } from './change-file.ts';

describe('a file that a command changes', () => {
  let cwd: string;
  beforeEach(() => {
    cwd = mkdtempSync(join(tmpdir(), 'kubeseal-store-'));
  });
  afterEach(() => rmSync(cwd, { recursive: true }));
  const io = () => ({ cwd, stdout: { write: async () => undefined } });
  const input = { bytes: Buffer.from('read'), where: 'a.yaml', isNamed: true, isStdin: false };
  const result = { to: 'a.yaml', content: Buffer.from('new'), isChanged: true };
  const conflict = { code: 'ERR_CONFLICT', message: 'a.yaml was changed meanwhile; it stays as it is' };

  it('is replaced as it was read', async () => {
    writeFileSync(join(cwd, 'a.yaml'), 'read');
    await store(input, result, io());
    expect(readFileSync(join(cwd, 'a.yaml'), 'utf8')).toBe('new');
  });
  it('stays as it is where somebody else wrote it meanwhile', async () => {
    writeFileSync(join(cwd, 'a.yaml'), 'edited');
    await expect(store(input, result, io())).rejects.toMatchObject(conflict);
    expect(readFileSync(join(cwd, 'a.yaml'), 'utf8')).toBe('edited');
  });
  it('stays deleted', async () => {
    await expect(store(input, result, io())).rejects.toMatchObject(conflict);
    expect(existsSync(join(cwd, 'a.yaml'))).toBe(false);
  });
});
