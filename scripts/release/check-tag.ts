import { execFileSync } from 'node:child_process';
import { VERSION } from '../../packages/kubeseal-cli/src/version.ts';

/**
 * `node scripts/release/check-tag.ts`: fails unless the tag that CI runs for is `v` and the version of the
 * sources, so that nothing is published under a version that it is not.
 */
const tags = execFileSync('git', ['tag', '--points-at', 'HEAD'], { encoding: 'utf8' }).split('\n');
const tag =
  process.env['GITHUB_REF_NAME'] ?? process.env['CI_COMMIT_TAG'] ?? tags.find((name) => name.startsWith('v'));
if (tag !== `v${VERSION}`) {
  console.error(`the tag is ${tag ?? 'missing'}, the version of the sources is ${VERSION}`);
  process.exitCode = 1;
}
