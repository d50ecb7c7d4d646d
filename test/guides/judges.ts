import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import type { ApiObject } from '../support/api/types.ts';
import { healthProgram, sourceFile } from '../support/tools/guide-tools.ts';
import { readObjects } from './guide-world.ts';

interface Verdict {
  readonly status: string;
  readonly message: string;
}

/** What GitOps tools think of one object. */
export interface Verdicts {
  /** Argo CD's own script for SealedSecrets. */
  readonly argo: Verdict;
  /** kstatus alone, as Flux has it without expressions. */
  readonly kstatus: Verdict;
  /** The expressions of examples/flux/shop.yaml. */
  readonly fluxExpr: Verdict;
}

/** Asks the tools' own code about an object. */
export async function judge(object: ApiObject): Promise<Verdicts> {
  const [secrets] = await readObjects('examples', 'flux', 'shop.yaml');
  const spec = secrets?.['spec'] as { readonly healthCheckExprs: readonly object[] };
  const question = {
    argoScript: sourceFile('argoCd', 'resource_customizations/bitnami.com/SealedSecret/health.lua'),
    fluxExpressions: spec.healthCheckExprs[0],
    objects: [object],
  };
  const child = spawn(healthProgram(), { timeout: 30_000 });
  child.stdin.end(JSON.stringify(question));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (stderr !== '') throw new Error(stderr);
  const [verdicts] = JSON.parse(stdout) as Verdicts[];
  if (!verdicts) throw new Error('no verdict');
  return verdicts;
}
