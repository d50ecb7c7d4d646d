import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const GUIDES = join(import.meta.dirname, '..', '..', 'docs', 'guides');

/** The first fenced block of a language on a page that contains `marker`. @throws Error when there is none */
export function guideBlock(page: string, language: 'sh' | 'yaml', marker = ''): string {
  const text = readFileSync(join(GUIDES, page), 'utf8');
  const blocks = [
    ...text.matchAll(new RegExp(`^\`\`\`${language}(?: exit=\\d)?\\n([\\s\\S]*?)^\`\`\`$`, 'gm')),
  ];
  const block = blocks.map(([, body = '']) => body).find((body) => body.includes(marker));
  if (block === undefined) throw new Error(`${page} has no ${language} block with ${JSON.stringify(marker)}`);
  return block;
}
