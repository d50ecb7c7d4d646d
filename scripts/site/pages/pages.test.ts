import { describe, expect, it } from 'vitest';
import { renderMarkdown } from './markdown.ts';
import { readNavigation } from './navigation.ts';
import { addressOf, fileOf, INDEX, readSources } from './sources.ts';
import { targetsOf } from './targets.ts';

const sources = readSources();
const files = new Set(sources.map(({ file }) => file));
const source = (file: string) => ({ file, address: addressOf(file), text: '' });
const noImage = { image: () => ({}), link: (target: string) => target };
const render = (text: string) => renderMarkdown('page.md', `# Title\n\n${text}\n`, noImage);

describe('the pages of the site', () => {
  it('are those of docs, and those beside them that they link to', () => {
    expect(files).toContain('docs/adr/0001-runtime.md');
    expect(files).toContain('SECURITY.md');
    expect(files).not.toContain('test/e2e/README.md');
  });
  it.each([
    ['docs/README.md', 'index.html'],
    ['docs/commands/check.md', 'commands/check.html'],
    ['docs/guides/README.md', 'guides/index.html'],
    ['SECURITY.md', 'repository/SECURITY.html'],
    ['docs/images/demo.svg', 'images/demo.svg'],
  ])('%s lies at %s', (file, address) => {
    expect(addressOf(file)).toBe(address);
  });
  it('are all in the navigation, which the index gives, once', () => {
    const entries = readNavigation(sources).flatMap((group) => group.entries);
    const addresses = entries.flatMap(({ address, below }) => [
      address,
      ...below.map((entry) => entry.address),
    ]);
    const own = sources.filter(({ file }) => file.startsWith('docs/') && file !== INDEX);
    expect(own.map(({ address }) => address).filter((address) => !addresses.includes(address))).toEqual([]);
    expect(addresses.length).toBe(new Set(addresses).size);
  });
  it('have short labels in the navigation, in groups that one can look over', () => {
    const groups = readNavigation(sources);
    expect(groups.map(({ heading }) => heading)).toContain('Seal');
    for (const { entries } of groups) expect(entries.length).toBeLessThanOrEqual(12);
    const labels = groups.flatMap(({ entries }) => entries.map(({ label }) => label));
    expect(labels.filter((label) => label.length > 32)).toEqual([]);
  });
});

describe('a page', () => {
  it('has its headings with anchors, and their text for the search', () => {
    const { title, html, sections } = render(
      '## One `two`\n\nText [link](x.md).\n\n```sh\nls\n```\n\n## One two\n',
    );
    expect(title).toBe('Title');
    expect(html).toContain('<h2 id="one-two-1">');
    expect(sections).toEqual([
      { level: 1, anchor: 'title', heading: 'Title', text: '' },
      { level: 2, anchor: 'one-two', heading: 'One two', text: 'Text link . ls' },
      { level: 2, anchor: 'one-two-1', heading: 'One two', text: '' },
    ]);
  });
  it('loses its comments, and may hold no other HTML', () => {
    expect(render('<!-- not run: reason -->\nText').html).not.toContain('not run');
    expect(() => render('A <b>word</b>')).toThrow('page.md holds HTML: <b>');
    expect(() => render('<script>alert(1)</script>')).toThrow('holds HTML');
  });
  it('shows markup in code as text', () => {
    expect(render('```text\n<img src=x>\n```\n\n`<b>`').html).not.toMatch(/<(?:img|b)\b/);
    expect(render('```"><img\nx\n```').html).not.toContain('<img');
  });
  it('is Markdown with a title', () => {
    expect(() => renderMarkdown('page.md', 'Text', noImage)).toThrow('page.md has no title');
  });
});

describe('links of a page', () => {
  const { used, link, image } = targetsOf(source('docs/commands/check.md'), files, (path) =>
    path.startsWith('examples/') ? `https://git.example.org/${path}` : undefined,
  );
  it.each([
    ['../errors.md#errors', '../errors.html#errors'],
    ['check.md', 'check.html'],
    ['../../SECURITY.md', '../repository/SECURITY.html'],
    ['../README.md', '../index.html'],
    ['#check', '#check'],
    ['https://example.org/a.md', 'https://example.org/a.md'],
    ['../../examples/backup/backup.yaml', 'https://git.example.org/examples/backup/backup.yaml'],
    ['../../scripts/owner.ts', undefined],
  ])('%s lead to %s', (target, expected) => {
    expect(link(target)).toBe(expected);
  });
  it('to other files of docs, and images, take these along', () => {
    expect(link('../reference/kubeseal-settings.schema.json')).toBe(
      '../reference/kubeseal-settings.schema.json',
    );
    expect(image('../images/web-narrow.png')).toMatchObject({
      src: '../images/web-narrow.png',
      width: '320',
    });
    expect([...used].sort()).toEqual([
      'docs/images/web-narrow.png',
      'docs/reference/kubeseal-settings.schema.json',
    ]);
  });
  it('that lead nowhere on the site keep their text', () => {
    const { html } = renderMarkdown('page.md', '# T\n\n[*a* text](../scripts/x.ts)', {
      ...noImage,
      link: () => undefined,
    });
    expect(html).toContain('<span><em>a</em> text</span>');
    expect(html).not.toContain('href');
  });
  it('are read as files of the repository', () => {
    expect(fileOf('docs/a/b.md', '../c.md#d')).toEqual({ path: 'docs/c.md', anchor: 'd' });
    expect(fileOf('docs/a.md', '#d')).toEqual({ path: 'docs/a.md', anchor: 'd' });
  });
});
