import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = join(import.meta.dirname, '../../..', 'docs', 'commands', 'import.md');

/** The policy of AWS that docs/commands/import.md shows, for every resource. */
export function documentedPolicy(): object {
  const [, text = ''] =
    /^```json\n(\{\n {2}"Version": "2012-10-17"[\s\S]*?)^```$/m.exec(readFileSync(PAGE, 'utf8')) ?? [];
  return JSON.parse(text) as object;
}
