import { encodeUtf8 } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { inFolder } from '../testing/editor-folder.ts';
import { openedWith } from '../testing/three-clusters.ts';
import {
  clearItemAt,
  destinationsOf,
  type EditorWorld,
  sealedIn,
  sealingFor,
  sealText,
  setItem,
} from './index.ts';

const FILE = 'clusters/prod/db.yaml';
const SECRET =
  'kind: Secret\nmetadata:\n  name: db\n  namespace: shop\nstringData:\n  password: hunter2\n  user: ann\n';

async function sealingOf(world: EditorWorld) {
  const [destination] = await destinationsOf(FILE, world);
  if (!destination) throw new Error('no cluster');
  return sealingFor(destination, world);
}

async function sealedFile(world: EditorWorld): Promise<string> {
  const { text } = await sealText({ text: SECRET, file: FILE }, await sealingOf(world), world.warn);
  return text.replace('spec:\n', '# about it\nspec:\n');
}

describe('setItem', () => {
  it.each(['password', 'added'])('seals %s and keeps every other byte', async (item) => {
    await inFolder({}, async ({ world }) => {
      const source = { text: await sealedFile(world), file: FILE };
      const [choice] = await sealedIn(source, world.warn);
      if (!choice) throw new Error('nothing is sealed');
      expect(choice).toMatchObject({ name: 'shop/db', items: ['password', 'user'] });
      const value = { ...choice, item, value: encodeUtf8('new') };
      const { text, says } = await setItem(source, value, await sealingOf(world), world.warn);
      expect(says).toContain(item);
      const others = (from: string) =>
        from.split('\n').filter((line) => !/ (password|added|[\w./-]*sealed-with[^ ]*): /.test(line));
      expect(others(text).filter((line) => others(source.text).includes(line)).length).toBeGreaterThan(8);
      expect(text).toContain('# about it\n');
      expect(await openedWith('prod', text)).toEqual({ password: 'hunter2', user: 'ann', [item]: 'new' });
    });
  });
});

describe('setItem, for a value that no Secret holds', () => {
  it('refuses it', async () => {
    await inFolder({}, async ({ world }) => {
      const source = { text: await sealedFile(world), file: FILE };
      const [choice] = await sealedIn(source, world.warn);
      if (!choice) throw new Error('nothing is sealed');
      const large = { ...choice, item: 'password', value: new Uint8Array(1024 * 1024 + 1) };
      const setting = setItem(source, large, await sealingOf(world), world.warn);
      await expect(setting).rejects.toMatchObject({ code: 'ERR_USAGE' });
    });
  });
});

describe('setItem, where nothing says the namespace', () => {
  it('refuses it in words that fit an editor, which has no flags', async () => {
    await inFolder({}, async ({ world }) => {
      const text = (await sealedFile(world)).replaceAll(/^ *namespace: shop\n/gm, '');
      const source = { text, file: FILE };
      const [choice] = await sealedIn(source, world.warn);
      if (!choice) throw new Error('nothing is sealed');
      const value = { ...choice, item: 'password', value: encodeUtf8('new') };
      const sealing = { ...(await sealingOf(world)), rule: undefined };
      await expect(setItem(source, value, sealing, world.warn)).rejects.toMatchObject({
        code: 'ERR_USAGE',
        hint: expect.stringMatching(/metadata\.namespace.*\.kubeseal\.yaml/),
      });
    });
  });
});

describe('clearItemAt', () => {
  const clear = async (world: EditorWorld) =>
    (await sealedFile(world)).replace(/password: \S+/, 'password: hunter3');
  it('finds the value in the clear at an offset, which is then sealed in its place', async () => {
    await inFolder({}, async ({ world }) => {
      const source = { text: await clear(world), file: FILE };
      const found = await clearItemAt(source, source.text.indexOf('hunter3') + 2, world.warn);
      if (!found) throw new Error('nothing was found');
      expect(found.item).toBe('password');
      const { text } = await setItem(source, found, await sealingOf(world), world.warn);
      expect(text).not.toContain('hunter3');
      expect(await openedWith('prod', text)).toEqual({ password: 'hunter3', user: 'ann' });
    });
  });
  it('finds it in the document that the offset lies in', async () => {
    await inFolder({}, async ({ world }) => {
      const text = `${await sealedFile(world)}---\n${await clear(world)}`;
      const found = await clearItemAt({ text, file: FILE }, text.indexOf('hunter3'), world.warn);
      const [, second] = await sealedIn({ text, file: FILE }, world.warn);
      expect(found?.input.document.index).toBe(second?.input.document.index);
    });
  });
  it('finds nothing beside encryptedData, whatever is named like an item', async () => {
    await inFolder({}, async ({ world }) => {
      const text = (await clear(world)).replace(/^spec:\n/m, 'spec:\n  other:\n    password: hunter4\n');
      const source = { text, file: FILE };
      expect(await clearItemAt(source, text.indexOf('hunter4'), world.warn)).toBeUndefined();
    });
  });
  it('finds nothing elsewhere, and refuses what is sealed', async () => {
    await inFolder({}, async ({ world }) => {
      const source = { text: await clear(world), file: FILE };
      expect(await clearItemAt(source, source.text.indexOf('namespace'), world.warn)).toBeUndefined();
      const sealed = clearItemAt(source, source.text.indexOf('user: ') + 10, world.warn);
      await expect(sealed).rejects.toThrow('item user is sealed already');
    });
  });
});
