import { describe, expect, it } from 'vitest';
import { sealedYaml } from '../../testing/opened.ts';
import { DB, inRepository } from '../../testing/repository.ts';

const NEW = await sealedYaml({ a: 'A', b: 'B', c: 'C', d: 'D', e: 'E' });
/** The line of an item in NEW. */
const fresh = (item: string) => new RegExp(`^ {4}${item}: .*$`, 'm').exec(NEW)?.[0] ?? '';
/** DB with items of NEW in the place of its own, or after them. */
const withFresh = (items: string, text = DB) =>
  [...items].reduce((whole, item) => {
    const own = new RegExp(`^ {4}${item}: .*$`, 'm');
    return own.test(whole)
      ? whole.replace(own, fresh(item))
      : whole.replace(/^( {4}c: .*)$/m, `$1\n${fresh(item)}`);
  }, text);
const without = (item: string, text = DB) => text.replace(new RegExp(`^ {4}${item}: .*\n`, 'm'), '');

describe('git merge with kubeseal', () => {
  /** Commits `theirs` on a branch and `ours` on main, and runs a command that joins both. */
  async function merge(ours: string, theirs: string, command = 'git merge -q theirs', base = DB) {
    let result = { code: 0 as number | null, text: '', status: '' };
    await inRepository(async ({ sh, read, write }) => {
      write('sealed.yaml', base);
      await sh('git add -A; git commit -qm base --allow-empty --no-verify; git checkout -qb theirs');
      write('sealed.yaml', theirs);
      await sh('git commit -qam theirs --allow-empty --no-verify; git checkout -q main');
      write('sealed.yaml', ours);
      await sh('git commit -qam ours --allow-empty --no-verify');
      const { code } = await sh(command);
      result = { code, text: read('sealed.yaml'), status: (await sh('git status --porcelain')).stdout };
    });
    return result;
  }

  it.each([
    ['other items, side by side', withFresh('a'), withFresh('b'), withFresh('ab')],
    ['new items in the same place', withFresh('d'), withFresh('e'), undefined],
    ['a removed and a changed item', without('a'), withFresh('b'), without('a', withFresh('b'))],
    ['the same change', withFresh('a'), withFresh('a'), withFresh('a')],
    ['a removed item on both sides', without('a'), without('a'), without('a')],
    [
      'a comment of ours',
      withFresh('a').replace('# mine', '# ours'),
      withFresh('b'),
      withFresh('ab').replace('# mine', '# ours'),
    ],
    [
      'a comment of theirs',
      withFresh('a'),
      withFresh('b').replace('# mine', '# theirs'),
      withFresh('ab').replace('# mine', '# theirs'),
    ],
    [
      'other lines on both sides',
      `${withFresh('a').replace('# mine', '# ours')}`,
      `${withFresh('b')}# end\n`,
      `${withFresh('ab').replace('# mine', '# ours')}# end\n`,
    ],
  ])('joins %s', async (_what, ours, theirs, expected) => {
    const { code, text } = await merge(ours, theirs);
    expect(code).toBe(0);
    if (expected !== undefined) expect(text).toBe(expected);
    else expect(text.split('\n').sort()).toEqual(withFresh('de').split('\n').sort());
  });
  it('is a conflict of the one item that both changed, with the rest joined', async () => {
    const other = await sealedYaml({ b: 'X' });
    const otherLine = /^ {4}b: .*$/m.exec(other)?.[0] ?? '';
    const { code, text, status } = await merge(
      withFresh('ab'),
      withFresh('c').replace(/^ {4}b: .*$/m, otherLine),
    );
    expect({ code, status }).toEqual({ code: 1, status: 'UU sealed.yaml\n' });
    const [before, after] = withFresh('ac').split(/^ {4}b: .*\n/m);
    expect(text).toBe(
      `${before}<<<<<<< ours\n${fresh('b')}\n=======\n${otherLine}\n>>>>>>> theirs\n${after}`,
    );
  });
  it('is a conflict where one side removed what the other changed', async () => {
    const { code, text } = await merge(without('b'), withFresh('b'));
    expect({ code, markers: text.match(/^[<=>]{7}.*$/gm) }).toEqual({
      code: 1,
      markers: ['<<<<<<< ours', '=======', '>>>>>>> theirs'],
    });
  });
  it('is a conflict where one side removed the SealedSecret', async () => {
    const base = `${DB}${await sealedYaml({ x: 'y' }, { name: 'web' })}`;
    const changed = base.replace(/^ {4}a: .*$/m, fresh('a'));
    const { code, text } = await merge(base.replace(DB, ''), changed, undefined, base);
    expect(code).toBe(1);
    expect(text).toContain(fresh('a'));
  });
  it('mixes no values of two scopes', async () => {
    const wide = `# mine\n${await sealedYaml({ a: 'one', b: 'two', c: 'three' }, { scope: 'cluster-wide' })}`;
    const { code } = await merge(withFresh('a'), wide);
    expect(code).toBe(1);
  });
  it('merges by lines what is no SealedSecret', async () => {
    const config = '# one\na: 1\nb: 2\nc: 3\nd: 4\ne: 5\n';
    const { code, text } = await merge(config.replace('1', '9'), config.replace('5', '7'), undefined, config);
    expect({ code, text }).toEqual({ code: 0, text: '# one\na: 9\nb: 2\nc: 3\nd: 4\ne: 7\n' });
    const broken = `${DB}\t- {{ if }}\n`;
    expect((await merge(broken.replace('# mine', '# ours'), broken, undefined, broken)).code).toBe(0);
  });
  it('takes the name of a file for no flag, in a merge and in a diff', async () => {
    await inRepository(async ({ sh, read, write }) => {
      write('-hsealed.yaml', DB);
      await sh('git add -A; git commit -qm base; git checkout -qb theirs');
      write('-hsealed.yaml', withFresh('a'));
      await sh('git commit -qam theirs; git checkout -q main');
      write('-hsealed.yaml', withFresh('b'));
      expect((await sh('git diff')).stdout).toMatch(/^\+ {4}b: <sealed [0-9a-f]{12}>$/m);
      expect((await sh('git commit -qam ours; git merge -q theirs')).code).toBe(0);
      expect(read('-hsealed.yaml')).toBe(withFresh('ab'));
    });
  });
  it.each(['git rebase -q theirs', 'git cherry-pick theirs', 'git merge -q -X ours theirs'])(
    'works for %s',
    async (command) => {
      const { code, text } = await merge(withFresh('a'), withFresh('b'), command);
      expect({ code, text }).toEqual({ code: 0, text: withFresh('ab') });
    },
  );
});
