import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { SealedSecretsError } from '@fuin/crypto-core';

/** Name of the page: beside the bundle, or as an asset of a single executable. */
const NAME = 'controller.html';

/**
 * What reads the sealing page, without reading it yet.
 *
 * @param program the URL of the file that runs
 * @throws ERR_USAGE where this program was built without it
 */
export function pageFile(program: string = import.meta.url): () => Promise<string> {
  const sea = process.getBuiltinModule('node:sea');
  if (sea.isSea() && sea.getAssetKeys().includes(NAME)) return async () => sea.getAsset(NAME, 'utf8');
  const isSource = program.endsWith('.ts');
  const file = new URL(isSource ? `../../../web/dist/${NAME}` : NAME, program);
  if (existsSync(file)) return () => readFile(file, 'utf8');
  throw new SealedSecretsError(
    'ERR_USAGE',
    '--web needs the sealing page, which is not beside this program',
    {
      hint: 'in a checkout, build it: pnpm run build web',
    },
  );
}
