import { resolve } from 'node:path';
import { VERSION } from '../../packages/kubeseal-cli/src/version.ts';
import { buildSite } from './build-site.ts';

/** `node scripts/site/site.ts [DIRECTORY]`: the documentation as a static site, in `site` by default. */
const outDir = resolve(process.argv[2] ?? 'site');
await buildSite(outDir, VERSION);
console.log(outDir);
