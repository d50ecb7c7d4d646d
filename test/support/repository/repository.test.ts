import { decodeUtf8, KeyRing, openItems, parseSealedSecret } from '@fuin/crypto-core';
import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { makeRepository } from './repository.ts';

it('holds 300 SealedSecrets for 3 clusters, which their keys open, as stale as it says', async () => {
  const { files, objects, keys } = await makeRepository();
  expect(objects).toHaveLength(300);
  for (const { file, cluster, namespace, name, values, stale } of objects) {
    const { newest, older } = keys.get(cluster) ?? expect.fail();
    const found = sealedIn(files[file] ?? '').find(({ metadata }) => metadata.name === name);
    const opened = await openItems(found ?? expect.fail(), KeyRing.of(newest, older));
    const texts = [...opened.values].map(([item, value]) => [item, decodeUtf8(value)]);
    expect(Object.fromEntries(texts)).toEqual(values);
    expect(found?.metadata.namespace).toBe(namespace);
    const isOld = (item: string) => opened.openedBy.get(item) === older.id;
    expect(Object.keys(values).filter(isOld)).toEqual(stale);
  }
});

it('is the same for the same seed, apart from what sealing draws at random', async () => {
  const [one, two, other] = [
    await makeRepository(),
    await makeRepository(),
    await makeRepository({ seed: 8 }),
  ];
  expect(two.objects).toEqual(one.objects);
  expect(Object.keys(two.files)).toEqual(Object.keys(one.files));
  expect(other.objects).not.toEqual(one.objects);
});

it('has files of every style, other manifests and drafts that Git ignores', async () => {
  const { files } = await makeRepository();
  const texts = Object.values(files);
  for (const mark of [
    '\r\n',
    '# sealed',
    'kind: List',
    'kind: ConfigMap',
    '"kind": "SealedSecret"',
    'Deployment',
  ])
    expect(
      texts.some((text) => text.includes(mark)),
      mark,
    ).toBe(true);
  expect(files['.gitignore']).toContain('*.draft.yaml');
});

function sealedIn(text: string) {
  const objects = parseAllDocuments(text).map((document) => document.toJS());
  const all = objects.flatMap((object) => (object.kind === 'List' ? object.items : [object]));
  return all.filter(({ kind }) => kind === 'SealedSecret').map(parseSealedSecret);
}
