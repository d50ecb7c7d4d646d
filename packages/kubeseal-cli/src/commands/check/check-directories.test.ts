import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from '../../testing/run-cli.ts';

const SECRET = 'kind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {password: hunter2}\n';
const HINT = /\nhint: seal a Secret with [^\n]*\n$/;

describe('kubeseal check, for directories', () => {
  it('checks the YAML and JSON files below, in order, but those that Git ignores', async () => {
    const files = {
      'd/.gitignore': 'out/\n*.dec.yaml\n',
      'd/b/x.yaml': SECRET,
      'd/a.yml': SECRET,
      'd/out/x.yaml': SECRET,
      'd/b/x.dec.yaml': SECRET,
      'd/notes.txt': SECRET,
      'd/good.yaml': 'kind: ConfigMap\n',
    };
    const { code, stdout, stderr } = await runCli({ argv: ['check', 'd'], files });
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr.replace(HINT, '')).toBe(
      `error: document 1 of d/a.yml is a Secret in the clear: shop/db
error: document 1 of d/b/x.yaml is a Secret in the clear: shop/db`,
    );
  });
  it('goes on after a file that cannot be read, and fails though nothing was found', async () => {
    const prepare = (directory: string) => symlink('gone', join(directory, 'd/a.yaml'));
    const error = 'error: open d/a.yaml: no such file or directory\n';
    const clean = { argv: ['check', 'd'], files: { 'd/b.yaml': 'kind: Pod\n' }, prepare };
    expect(await runCli(clean)).toMatchObject({ code: 1, stdout: '', stderr: error });
    const found = await runCli({ ...clean, files: { 'd/b.yaml': SECRET } });
    expect(found.stderr.replace(HINT, '\n')).toBe(
      `error: document 1 of d/b.yaml is a Secret in the clear: shop/db\n${error}`,
    );
  });
  it('checks a file whatever it is called when it is named, ignored or not', async () => {
    const files = { '.git/HEAD': '', '.gitignore': '*', notes: SECRET };
    expect((await runCli({ argv: ['check', 'notes'], files })).code).toBe(3);
    expect((await runCli({ argv: ['check', '.'], files })).code).toBe(0);
  });
});
