import { usageError } from '../../invocation/usage-error.ts';
import type { Io } from '../../io/io.ts';

/**
 * Refuses to open values in a pipeline, whose log many people may read. GitHub, GitLab, Jenkins and others
 * set the variable CI.
 *
 * @throws ERR_USAGE unless that is allowed
 */
export function refuseInPipeline(isAllowed: boolean, env: Io['env']): void {
  const ci = env['CI'] ?? '';
  if (isAllowed || ['', '0', 'false'].includes(ci.toLowerCase())) return;
  throw usageError(
    'values are not opened in a pipeline (the variable CI is set)',
    'give --allow-ci where nothing prints the values into the log',
  );
}
