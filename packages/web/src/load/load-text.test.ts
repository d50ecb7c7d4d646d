import { encodeUtf8 } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { readVector } from '../../../../test/vectors/read.ts';
import { loadText } from './load-text.ts';

const SECRET = 'apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n  a: eA==\n';
const load = (text: string) => loadText(encodeUtf8(text), 'file');

describe('loadText', () => {
  it.each([
    ['variables', '# mine\n\nexport A=1\nB="x y"\n', { kind: 'items' }],
    [
      'a Secret in YAML',
      SECRET,
      { kind: 'secret', secret: { metadata: { name: 'db' }, data: { a: 'eA==' } } },
    ],
    ['a Secret in JSON', '{"kind":"Secret","metadata":{"name":"db"}}', { kind: 'secret' }],
    [
      'a Secret that does not say its kind',
      'metadata: {name: db}\nstringData: {a: x=y}\n',
      { kind: 'secret' },
    ],
    [
      'a Secret in a List',
      `apiVersion: v1\nkind: List\nitems:\n- ${SECRET.trim().replaceAll('\n', '\n  ')}\n`,
      { kind: 'secret' },
    ],
    ['a SealedSecret', readVector('kubeseal/out-strict.yaml'), { kind: 'sealed' }],
  ])('reads %s', async (_what, text, loaded) => {
    expect(await load(text)).toMatchObject(loaded);
  });
  it.each([
    ['a ConfigMap', 'kind: ConfigMap\nmetadata: {name: x}\n', 'is a ConfigMap, not a Secret'],
    ['two Secrets', `${SECRET}---\n${SECRET}`, 'holds 2 objects'],
    ['nothing', '', 'no secrets found'],
    ['text', 'hunter2', 'is not a Kubernetes object'],
    ['YAML with a mistake', 'a: [hunter2\n', 'is not valid YAML'],
    ['variables with a mistake', 'A=1\nhunter2\n', 'line 2 of file is not ITEM=VALUE'],
    ['bytes', '\u0000\u0001', 'document 1 of file is not'],
    ['an object as the kind', 'kind: {hunter2: x}\nmetadata: {name: x}\n', 'not a Secret'],
  ])('refuses %s without quoting it', async (_what, text, message) => {
    const failure = await load(text).then(
      () => undefined,
      (error: { code: string; message: string; hint?: string }) => error,
    );
    expect(failure).toMatchObject({
      code: 'ERR_MANIFEST_INVALID',
      message: expect.stringContaining(message),
    });
    expect(`${failure?.message}${failure?.hint}`).not.toContain('hunter2');
  });
});
