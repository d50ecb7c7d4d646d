import { parseSealedSecret, SEALING_NOTE, sealingNoteOf } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { certificate, NEW, NOW } from '../../testing/inspected.ts';
import { CERT } from '../../testing/keys.ts';
import { runCli } from '../../testing/run-cli.ts';

const NEW_CERT = await certificate(NEW, NOW);
const run = (argv: readonly string[], files: Readonly<Record<string, string>> = {}) =>
  runCli({ argv, files: { c: CERT, n: NEW_CERT, ...files }, now: NOW });
const create = async (...args: string[]) =>
  (await run(['create', 'shop/db', 'a=old', 'b=old', '--cert', 'n', '-oyaml', ...args])).stdout;
/** The file after a command. */
const after = async (text: string, ...argv: string[]) =>
  (await run([argv[0] ?? '', 'f.yaml', ...argv.slice(1)], { 'f.yaml': text })).files['f.yaml'] ?? '';
/** Which items the note knows, and whether NEW sealed each. */
const notedIn = (text: string) =>
  Object.fromEntries(
    [...sealingNoteOf(parseSealedSecret(parse(text)))].map(([item, key]) => [item, key === NEW.id]),
  );

describe('the sealing note', () => {
  it('says of each item which key sealed it, after create and set', async () => {
    const text = await create();
    expect(notedIn(text)).toEqual({ a: true, b: true });
    expect(notedIn(await after(text, 'set', 'a=new', '--cert', 'c'))).toEqual({ a: false, b: true });
    expect(notedIn(await after(text, 'set', 'fresh=x', '--cert', 'n'))).toEqual({
      a: true,
      b: true,
      fresh: true,
    });
  });
  it('is added to a file without one, for the item that was set', async () => {
    const bare = await create('--no-note');
    expect(bare).not.toContain(SEALING_NOTE);
    expect(notedIn(await after(bare, 'set', 'a=new', '--cert', 'n'))).toEqual({ a: true });
  });
  it('stays true when items are removed and renamed', async () => {
    const text = await create();
    expect(notedIn(await after(text, 'unset', 'a'))).toEqual({ b: true });
    expect(notedIn(await after(text, 'rename', 'a', 'z'))).toEqual({ z: true, b: true });
    expect(await after(await create('--no-note'), 'rename', 'a', 'z')).not.toContain(SEALING_NOTE);
  });
  it('loses an item that is set with --no-note, and is written by no mode of upstream', async () => {
    const text = await create();
    expect(notedIn(await after(text, 'set', 'a=new', '--cert', 'c', '--no-note'))).toEqual({ b: true });
    const secret = 'kind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {a: x}\n';
    const sealed = await runCli({
      argv: ['--cert', 'n', '-oyaml'],
      files: { n: NEW_CERT },
      stdin: secret,
      now: NOW,
    });
    expect(sealed.stdout).not.toContain(SEALING_NOTE);
    const merge = ['--cert', 'c', '--merge-into', 'f.yaml'];
    const merged = await runCli({ argv: merge, files: { c: CERT, 'f.yaml': text }, stdin: secret, now: NOW });
    expect(notedIn(merged.files['f.yaml'] ?? '')).toEqual({ b: true });
  });
  it('changes no other byte, whatever else the annotations hold', async () => {
    const text = (await create()).replace(
      / {4}sealedsecrets.*\n/,
      (note) => `    team: shop # ours\n${note}    z: "1"\n`,
    );
    const changed = await after(text, 'set', 'a=new', '--cert', 'n');
    const other = (all: string) => all.replace(/^ +(?:a: \S+|sealedsecrets.*)$/gm, '');
    expect(other(changed)).toBe(other(text));
    expect(notedIn(changed)).toEqual({ a: true, b: true });
  });
  it('is left alone where it cannot be edited: the value is set all the same', async () => {
    const text = (await create('--no-note')).replace(
      'metadata:\n',
      'x: &x {team: shop}\nmetadata:\n  annotations: *x\n',
    );
    const changed = await after(text, 'set', 'fresh=new', '--cert', 'n');
    expect(changed).toContain('\n    fresh: AQ');
    expect(changed).toContain('annotations: *x');
  });
  it('tells inspect which key sealed an item, and whether it is that of the certificate', async () => {
    const text = await after(await create(), 'set', 'a=new', '--cert', 'c');
    const { stdout } = await run(['inspect', '--json', '--cert', 'n', 'f.yaml'], { 'f.yaml': text });
    expect(JSON.parse(stdout).sealedSecrets[0].items).toMatchObject([
      { name: 'a', keyEvidence: 'note', keyStatus: 'stale' },
      { name: 'b', keyEvidence: 'note', keyStatus: 'current', keyFingerprint: NEW.id },
    ]);
  });
});
