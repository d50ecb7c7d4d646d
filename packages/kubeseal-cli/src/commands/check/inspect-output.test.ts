import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeBase64 } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { BACKUP, inspect, itemsOf, KEYS, NEW, NOW, OLD, sealed } from '../../testing/inspected.ts';
import { runCli } from '../../testing/run-cli.ts';

describe('kubeseal inspect with files that cannot be read', () => {
  it('reports each of them at the end, after the others were inspected', async () => {
    const good = await sealed('db', { x: '1' });
    const files = {
      'a.yaml': new Uint8Array([0, 159, 146, 150, 255]),
      'b.yaml': 'kind: SealedSecret\nmetadata: {{ .Values.meta }}: x\n',
      'c.yaml': `apiVersion: v2\nkind: SealedSecret\n---\n${good}`,
      'd.json': good,
      'e.json': `{"kind": "SealedSecret"`,
    };
    const loop = (directory: string) => symlink('f.yaml', join(directory, 'f.yaml'));
    const { code, stderr, report } = await inspect(files, ['.', 'gone'], loop);
    expect(code).toBe(1);
    expect(report.sealedSecrets.map(({ place }) => place)).toEqual([
      'document 2 of c.yaml',
      'document 1 of d.json',
    ]);
    expect(report.errors).toEqual([
      { file: 'a.yaml', message: 'a.yaml is neither UTF-8 nor UTF-16 with a byte order mark' },
      { file: 'b.yaml', message: expect.stringMatching(/^document 1 of b\.yaml /) },
      {
        file: 'c.yaml',
        message: 'document 1 of c.yaml: no kind "SealedSecret" is registered for version "v2"',
      },
      { file: 'e.json', message: 'document 1 of e.json is not valid JSON (it starts in line 1)' },
      { file: 'f.yaml', message: 'open f.yaml: too many levels of symbolic links' },
      { file: 'gone', message: 'open gone: no such file or directory' },
    ]);
    const messages = report.errors.map(({ message }) => `error: ${message}\n`).join('');
    expect(stderr.slice(0, messages.length)).toBe(messages);
  });
  it('stops at the first of them with --fail-fast', async () => {
    const good = await sealed('db', { x: '1' });
    const files = {
      'a.json': good,
      'b.json': '{"SealedSecret"',
      'c.json': good,
      'd.json': '{"SealedSecret"',
    };
    const { code, report } = await inspect(files, ['--fail-fast', '.']);
    expect(code).toBe(1);
    expect(report.sealedSecrets.map(({ file }) => file)).toEqual(['a.json']);
    expect(report.errors.map(({ file }) => file)).toEqual(['b.json']);
  });
  it('passes over 10 MB of something else, and inspects an item of 10 MB', async () => {
    const large = JSON.parse(await sealed('db', { x: '1' }));
    large.spec.encryptedData.x = encodeBase64(await NEW.seal(new Uint8Array(7_500_000), new Uint8Array()));
    const { report } = await inspect({
      'a.yaml': 'k: v\n'.repeat(2_000_000),
      'b.json': JSON.stringify(large),
    });
    expect(itemsOf(report)).toMatchObject([{ state: 'sealed', valueBytes: 7_500_000 }]);
  });
});

describe('the table of kubeseal inspect', () => {
  const table = async (files: Readonly<Record<string, string>>, ...args: string[]) =>
    runCli({ argv: ['inspect', ...args], files, now: NOW });

  it('shows ages like kubectl, shortened fingerprints, and whole ones with -o wide', async () => {
    const files = { 'keys.yaml': BACKUP, 'a.json': await sealed('db', { x: '1' }, { key: OLD }) };
    expect((await table(files, ...KEYS, 'a.json')).stdout).toBe(
      `NAMESPACE   NAME   ITEM   SCOPE    BYTES   STATUS   AGE   KEY               FILE
shop        db     x      strict       1   stale    60d   ${OLD.id.slice(0, 15)}   a.json
`,
    );
    const wide = await table(files, ...KEYS, '-owide', 'a.json');
    expect(wide.stdout).toContain(`60d   2048   v1       -         opened     ${OLD.id}   a.json\n`);
  });
  it('counts objects that are there twice in one note, and lists them with -o wide', async () => {
    const text = await sealed('db', { x: '1' });
    const files = { 'a.json': text, 'b.json': text };
    expect((await table(files, '.')).stderr).toBe(
      'note: 2 of 2 SealedSecrets share namespace and name with another: -o wide lists them\n',
    );
    expect((await table(files, '-o', 'wide', '.')).stderr.split('\n')).toHaveLength(3);
    expect((await table(files, '--quiet', '.')).stderr).toBe('');
  });
  it('has one line for each item, whatever its name is, and one for an object without items', async () => {
    const hostile = JSON.parse(await sealed('x', { x: '1' }));
    hostile.spec.encryptedData = { 'a\nb\u001b[31m': hostile.spec.encryptedData.x };
    const { stdout } = await table(
      { 'a.json': JSON.stringify(hostile), 'b.json': await sealed('b', {}) },
      '.',
    );
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/)[2])).toEqual([
      'ITEM',
      'a\\nb\\u001b[31m',
      '-',
      undefined,
    ]);
  });
  it('says that there is nothing to show', async () => {
    expect(await table({ 'a.yaml': 'kind: Pod\n' }, '.')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'note: there is no SealedSecret\n',
    });
  });
});
