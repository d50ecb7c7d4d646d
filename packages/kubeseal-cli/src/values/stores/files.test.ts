import { describe, expect, it } from 'vitest';
import { imported, refused } from '../../testing/imported.ts';

const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'db', namespace: 'shop', labels: { app: 'web' } },
  type: 'Opaque',
  stringData: { user: 'ann' },
  data: { bin: 'AP8=' },
};
/** A program that prints this where it is called with `words` and an absolute path. */
const prints = (words: string, text: string) =>
  `case "$*" in "${words} /"*/db.enc.yaml) ;; *) exit 9 ;; esac\ncat <<'END'\n${text}\nEND`;
const sops = (value: unknown) => ({ sops: prints('decrypt --output-type json', JSON.stringify(value)) });
const files = { 'db.enc.yaml': 'sealed: ENC[x]\n' };

describe('kubeseal import sops:', () => {
  it('takes name, labels and values of a Secret', async () => {
    const { name, namespace, labels, items } = await imported(['sops:db.enc.yaml'], {
      files,
      programs: sops(secret),
    });
    expect({ name, namespace, labels }).toEqual({ name: 'db', namespace: 'shop', labels: { app: 'web' } });
    expect(items).toEqual({ user: 'ann', bin: '\0\xff' });
  });
  it('takes the items of a flat map', async () => {
    const { items } = await imported(['sops:db.enc.yaml', 'shop/db'], {
      files,
      programs: sops({ user: 'ann', on: true }),
    });
    expect(items).toEqual({ user: 'ann', on: 'true' });
  });
  it.each<[string, Record<string, string>, string]>([
    ['a program that is missing', {}, 'sops is not installed'],
    [
      'a program that fails',
      { sops: 'echo "hunter2 \u001b[31m" >&2; echo hunter2; exit 128' },
      'sops failed with exit code 128',
    ],
    ['a program that is ended', { sops: 'kill -9 $$' }, 'sops was ended by SIGKILL'],
    ['endless output', { sops: 'yes hunter2' }, 'sops prints more than a Secret can hold'],
    ['output that is no map', { sops: 'echo hunter2' }, 'db.enc.yaml holds no map of items'],
    [
      'nested values',
      sops({ a: { b: 'hunter2' } }),
      'item a of db.enc.yaml is not a string, number or boolean',
    ],
    ['another kind', sops({ ...secret, kind: 'ConfigMap' }), 'db.enc.yaml is a ConfigMap, not a Secret'],
  ])('refuses %s, and shows nothing of it', async (_, programs, error) => {
    const env: Record<string, string> = Object.keys(programs).length === 0 ? { PATH: '/nowhere' } : {};
    const result = await refused(['sops:db.enc.yaml', 'shop/db'], { files, programs, env });
    expect(result).toMatchObject({ code: 1, error });
    expect(result.hints).not.toContain('hunter2');
  });
  it('runs no program for a file that is missing', async () => {
    expect(await refused(['sops:none.yaml', 'shop/db'], { programs: sops({}) })).toMatchObject({
      error: 'open none.yaml: no such file or directory',
    });
  });
});

describe('kubeseal import kubesec:', () => {
  const yaml = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: shop\ndata:\n  user: YW5u';
  it('takes the values of a Secret', async () => {
    const { name, items } = await imported(['kubesec:db.enc.yaml'], {
      files,
      programs: { kubesec: prints('decrypt', yaml) },
    });
    expect({ name, items }).toEqual({ name: 'db', items: { user: 'ann' } });
  });
  it('refuses more than one object', async () => {
    const programs = { kubesec: prints('decrypt', `${yaml}\n---\n${yaml}`) };
    expect((await refused(['kubesec:db.enc.yaml'], { files, programs })).error).toBe(
      'db.enc.yaml does not hold exactly one Secret',
    );
  });
});
