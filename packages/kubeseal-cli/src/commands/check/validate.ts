import { SealedSecretsError, scopeOf } from '@fuin/crypto-core';
import { inAskedPlace } from '../../input/asked-place.ts';
import { objectName } from '../../input/object-name.ts';
import { sealedObjectsIn } from '../../input/sealed-objects.ts';
import { type Failure, isFailure } from '../../input/tree/failures.ts';
import { readTree, type TreeFile } from '../../input/tree/tree.ts';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import type { VALIDATE_FLAGS } from '../../invocation/flags/tree-flags.ts';
import { variableOf } from '../../invocation/options.ts';
import { jsonText } from '../../output/json-text.ts';
import { withProgress } from '../../output/progress.ts';
import { controllersOf } from '../access/controllers.ts';
import { type Sealer, sealerOf } from '../access/sealer.ts';
import { type Checked, clusterVerifier, keyVerifier, type Verifier } from './verifiers.ts';

type Given = CommandLine<typeof VALIDATE_FLAGS>;

/** Of the JSON document. It changes only when a field changes its meaning or goes. */
const SCHEMA_VERSION = 1;

/** What became known of one SealedSecret. */
interface Verdict {
  readonly file: string;
  readonly label: string;
  readonly namespace: string;
  readonly name: string;
  readonly reason: string | undefined;
}

interface Run {
  readonly given: Given;
  readonly world: CommandWorld;
  readonly verifier: Verifier;
  readonly sealer: Sealer;
  /** With --json all of them, otherwise those that do not open. */
  readonly verdicts: Verdict[];
  readonly failures: Failure[];
  total: number;
}

/**
 * `kubeseal validate PATH...`: asks the controller, or tries the keys of --recovery-private-key, whether
 * every SealedSecret opens.
 *
 * @throws ERR_FINDINGS naming those that do not; what keeps a file from being read, or the controller from
 *   being asked
 */
export async function validateTree(given: Given, world: CommandWorld): Promise<void> {
  const files = given.flags['recovery-private-key'];
  const sealer = sealerOf(given, world);
  const controllers = files.length > 0 ? undefined : controllersOf(sealer);
  try {
    const verifier = controllers ? clusterVerifier(controllers) : await keyVerifierOf(files, world);
    const run: Run = { given, world, verifier, sealer, verdicts: [], failures: [], total: 0 };
    await withProgress(world.io, { doing: 'validating' }, (step) => validateAll(run, step));
    await report(run);
  } finally {
    await controllers?.close();
  }
}

async function keyVerifierOf(files: readonly string[], { io }: CommandWorld): Promise<Verifier> {
  const { FOR_MANY_VALUES, readRecoveryKeys } = await import('../../input/recovery-keys.ts');
  return keyVerifier(await readRecoveryKeys(io.cwd, files, FOR_MANY_VALUES));
}

/** Reads the next files while those before are verified. */
async function validateAll(run: Run, step: (count: number) => void): Promise<void> {
  let verifying: Promise<void> = Promise.resolve();
  for await (const batch of batchesOf(run)) {
    await verifying;
    if (isOver(run)) return;
    verifying = validateBatch(batch, run).then(() => step(batch.length));
    verifying.catch(() => undefined); // it is waited for later
  }
  await verifying;
}

async function* batchesOf(run: Run): AsyncGenerator<Checked[]> {
  let batch: Checked[] = [];
  for await (const input of readTree(run.given.arguments, run.world.io)) {
    if (isFailure(input)) run.failures.push(input);
    else batch.push(...(await objectsIn(input, run)));
    if (isOver(run)) break;
    if (batch.length < run.verifier.batch) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** The SealedSecrets of one file. A file that an argument names must hold one. */
async function objectsIn(input: TreeFile, run: Run): Promise<Checked[]> {
  const { where: file, isNamed } = input;
  const objects: Checked[] = [];
  const found = await sealedObjectsIn(input);
  if (isNamed && found.length === 0) found.push(failure(file, `${file} holds no SealedSecret`));
  for (const each of found) {
    if (isFailure(each)) run.failures.push(each);
    else objects.push(await placed({ ...each, file }, run));
  }
  return objects;
}

/** The object in the namespace of -n, else of the kubeconfig, if it names none. @throws ERR_USAGE */
async function placed(object: Checked, { given, world, sealer }: Run): Promise<Checked> {
  const { flags, changed } = given;
  const { metadata } = object.sealedSecret;
  const isTyped = changed.has('namespace') && flags.namespace !== world.io.env[variableOf('namespace')];
  const isComplete = metadata.namespace || scopeOf(metadata.annotations) === 'cluster-wide';
  const namespace = flags.namespace || (isComplete ? '' : await sealer.namespaceFor(object.file));
  const [input] = inAskedPlace([object], namespace, isTyped ? { namespace: flags.namespace } : {});
  return { ...object, ...input };
}

async function validateBatch(batch: readonly Checked[], run: Run): Promise<void> {
  const reasons = await run.verifier.verify(batch);
  for (const [at, { file, label, sealedSecret }] of batch.entries()) {
    const reason = reasons[at];
    if (reason instanceof SealedSecretsError) {
      run.failures.push({ where: file, error: reason });
      continue;
    }
    run.total += 1;
    const { namespace = '', name = '' } = sealedSecret.metadata;
    if (reason !== undefined || run.given.flags.json)
      run.verdicts.push({ file, label, namespace, name, reason });
    if (reason !== undefined && run.given.flags['fail-fast']) return;
  }
}

function isOver({ given, failures, verdicts }: Run): boolean {
  if (!given.flags['fail-fast']) return false;
  return failures.length > 0 || verdicts.some(({ reason }) => reason !== undefined);
}

async function report({ given, world, verifier, verdicts, failures, total }: Run): Promise<void> {
  if (given.flags.json) await world.io.stdout.write(asJson(verdicts, failures));
  const closed = verdicts.filter(({ reason }) => reason !== undefined);
  world.warn(
    total === 0 && failures.length === 0
      ? 'note: there is no SealedSecret'
      : `note: ${verifier.source}: ${total - closed.length} of ${total} SealedSecrets can be opened`,
  );
  const code = closed.length > 0 ? 'ERR_FINDINGS' : failures[0]?.error.code;
  if (code === undefined) return;
  const findings = closed.map(({ label, namespace, name, reason }) => {
    return `${label} (${objectName({ namespace, name })}): ${reason}`;
  });
  const messages = [...findings, ...new Set(failures.map(({ error }) => error.message))];
  throw new SealedSecretsError(code, messages.join('\nerror: '));
}

function asJson(verdicts: readonly Verdict[], failures: readonly Failure[]): string {
  const document = {
    schemaVersion: SCHEMA_VERSION,
    sealedSecrets: verdicts.map(({ file, namespace, name, reason }) => ({
      file,
      namespace,
      name,
      opens: reason === undefined,
      ...(reason === undefined ? {} : { reason }),
    })),
    errors: failures.map(({ where, error }) => ({ file: where, message: error.message })),
  };
  return jsonText(document);
}

function failure(where: string, message: string): Failure {
  return { where, error: new SealedSecretsError('ERR_MANIFEST_INVALID', message) };
}
