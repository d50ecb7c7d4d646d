import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { guideBlock } from './guide-block.ts';
import { ROOT, readObjects } from './guide-world.ts';

describe('what the guides show', () => {
  it('for Flux is what the example says', async () => {
    const [secrets] = await readObjects('examples', 'flux', 'shop.yaml');
    expect(secrets?.['spec']).toMatchObject(parse(guideBlock('flux.md', 'yaml')).spec);
  });
  it('for Argo CD is what the example says', async () => {
    const [sealed] = await readObjects('examples', 'shop', 'secrets', 'db.yaml');
    expect(sealed).toMatchObject(parse(guideBlock('argo-cd.md', 'yaml', 'sync-wave')));
  });
  it('for pre-commit is the example', async () => {
    const example = await readFile(join(ROOT, 'examples', 'pre-commit', '.pre-commit-config.yaml'), 'utf8');
    expect(guideBlock('pre-commit.md', 'yaml')).toBe(example);
  });
  it('for GitHub Actions is a step of the example', async () => {
    const example = await readFile(join(ROOT, 'examples', 'github-actions', 'sealed-secrets.yaml'), 'utf8');
    expect(example).toContain(`run: ${guideBlock('github-actions.md', 'sh')}`);
  });
});
