import { readRecoveryKeyFiles } from '../../input/recovery-keys.ts';
import { sealedObjectsIn } from '../../input/sealed-objects.ts';
import type { SealedInput } from '../../input/sealed-secrets.ts';
import { type Failure, failureOf, isFailure, throwFailures } from '../../input/tree/failures.ts';
import { readTree } from '../../input/tree/tree.ts';
import { type Explanation, explainObject } from '../../inspect/explain-object.ts';
import { type GivenKeys, givenKeysOf, namesOf } from '../../inspect/given-keys.ts';
import { explanationsAsJson, explanationsAsText } from '../../inspect/report/explanations.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { WHY_FLAGS } from '../../invocation/flags/check-flags.ts';
import type { Io } from '../../io/io.ts';
import { type LiveCluster, liveClusterOf } from './live-cluster.ts';
import { Terms } from './terms.ts';

type Given = CommandLine<typeof WHY_FLAGS>;

/**
 * `kubeseal why PATH...`: tells why SealedSecrets do not open, as far as there is evidence in the files, and
 * what given keys, certificates and the cluster add.
 *
 * @throws ERR_KEY_INVALID, ERR_CERTIFICATE_INVALID, ERR_USAGE; at the end, the errors of all files
 */
export async function why(given: Given, world: CommandWorld): Promise<void> {
  const { flags, arguments: paths } = given;
  const { io, warn } = world;
  const files = flags['recovery-private-key'];
  const recovery = files.length === 0 ? [] : await readRecoveryKeyFiles(io.cwd, files);
  const terms = await Terms.of(flags, world);
  const keys = await givenKeysOf(recovery, []);
  const cluster = await liveClusterOf(given, world);
  const evidence = { keys, terms, cluster, failsFast: flags['fail-fast'] };
  const { explanations, failures } = await explainTree(paths, evidence, io).finally(() => cluster.close());
  if (flags.json) await io.stdout.write(explanationsAsJson(explanations, failures));
  else await io.stdout.write(explanationsAsText(explanations, recovery.length > 0));
  for (const { error } of terms.failures) warn(`warning: ${error.message}`);
  if (explanations.length === 0 && failures.length === 0) warn('note: there is no SealedSecret');
  throwFailures(failures);
}

interface Evidence {
  readonly keys: GivenKeys;
  readonly terms: Terms;
  readonly cluster: LiveCluster;
  /** Whether the first failure ends the run. */
  readonly failsFast: boolean;
}

async function explainTree(
  paths: readonly string[],
  evidence: Evidence,
  io: Pick<Io, 'cwd' | 'stdin'>,
): Promise<{ explanations: Explanation[]; failures: Failure[] }> {
  const explanations: Explanation[] = [];
  const failures: Failure[] = [];
  for await (const file of readTree(paths, io)) {
    for (const found of isFailure(file) ? [file] : await sealedObjectsIn(file)) {
      const explained = await explainOne(found, file.where, evidence);
      if (isFailure(explained)) failures.push(explained);
      else explanations.push(explained);
      if (evidence.failsFast && failures.length > 0) return { explanations, failures };
    }
  }
  return { explanations, failures };
}

async function explainOne(
  found: SealedInput | Failure,
  file: string,
  { keys, terms, cluster }: Evidence,
): Promise<Explanation | Failure> {
  if (isFailure(found)) return found;
  return failureOf(file, async () =>
    explainObject(found, {
      file,
      keys: { ...keys, names: namesOf((await terms.for(file)).known) },
      live: await cluster.ask(found.sealedSecret),
    }),
  );
}
