import { describe, expect, it } from 'vitest';
import { forPage, normalise, patternOf } from '../support/pages/output.ts';
import { blocksOf } from '../support/pages/page.ts';

const page = (...lines: readonly string[]) => blocksOf('page.md', `${lines.join('\n')}\n`);
const fence = (info: string, body = 'true') => [`\`\`\`${info}`, body, '```'];

describe('the blocks of a page', () => {
  it('are those of shells, with line, exit code and what is shown right after', () => {
    const text = ['Text', ...fence('yaml', 'a: 1'), ...fence('sh exit=2'), '', ...fence('text', 'usage')];
    expect(page(...text)).toEqual([
      {
        page: 'page.md',
        line: 5,
        shell: 'sh',
        script: 'true\n',
        exitCode: 2,
        isEventual: false,
        output: 'usage\n',
      },
    ]);
  });
  it('have no output when text stands between', () => {
    expect(page(...fence('sh'), 'It says', ...fence('text', 'x'))[0]?.output).toBeUndefined();
  });
  it('are not run only when the line before says so, and may stand in a list', () => {
    expect(page('<!-- not run: no release -->', ...fence('sh'), ...fence('sh'))).toMatchObject([
      { notRun: 'no release' },
      {},
    ]);
    expect(page('<!-- run by .ci/run -->', ...fence('sh eventually'))).toMatchObject([
      { runBy: '.ci/run', isEventual: true },
    ]);
    expect(page('1. First', '   ```sh', '   true', '   ```')).toMatchObject([{ script: '   true\n' }]);
  });
  it('begin in a new cluster when the line before says so', () => {
    expect(page('<!-- in a new cluster -->', ...fence('sh'), ...fence('sh'))).toMatchObject([
      { isInNewCluster: true },
      { isEventual: false },
    ]);
    expect(page(...fence('sh'))[0]).not.toHaveProperty('isInNewCluster');
  });
  it('are found when they are named after another shell, so that a test can refuse them', () => {
    expect(page(...fence('bash')).map(({ shell }) => shell)).toEqual(['bash']);
  });
});

describe('what a page shows', () => {
  const isAsShown = (shown: string, output: string) => patternOf(shown).test(normalise(output));
  it('is compared without ages, names, sealed values and the width of columns', () => {
    const [shown, output] = [
      'k  sealed-secrets-keyabcde  5s  AgBx12345678',
      'k sealed-secrets-key1x2y3 1m2s AgDy99999999==',
    ];
    expect(isAsShown(shown, output)).toBe(true);
    expect(isAsShown(shown, `${output} more`)).toBe(false);
  });
  it('may leave out parts of a line and whole lines', () => {
    expect(isAsShown('a ... c\n...\nd', 'a b c\nx\ny\nd')).toBe(true);
    expect(isAsShown('a ... c', 'a b\nc')).toBe(false);
  });
  it('is recorded with sealed values cut short', () => {
    expect(forPage(`x: AgB${'a'.repeat(60)}= \n`)).toBe('x: AgBaaaaaaaaaaa...');
  });
});
