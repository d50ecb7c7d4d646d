import { stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import type { CommandWorld } from '../../invocation/command.ts';
import { pathBelow, realPathOf } from '../../invocation/settings/find-settings.ts';
import { isPattern, outputFor, refuseBadPattern } from '../../invocation/settings/output-pattern.ts';
import { RunSettings } from '../../invocation/settings/run-settings.ts';
import type { Settings } from '../../invocation/settings/settings.ts';
import { usageError } from '../../invocation/usage-error.ts';
import { isStream } from '../../io/files.ts';
import { checkWritable } from '../../output/atomic-write.ts';
import type { CertificateGiven } from '../access/cluster-sealing.ts';
import { type Sealer, sealerOf } from '../access/sealer.ts';

/** What a command line says about where new SealedSecrets go. */
type Given = CertificateGiven & {
  readonly flags: {
    readonly all: boolean;
    readonly 'sealed-secret-file': string;
    readonly 'dry-run': boolean;
    readonly json: boolean;
  };
};

/** Where a new SealedSecret goes, and what seals it. */
export interface Destination {
  /** Empty or `-` means stdout. */
  readonly file: string;
  readonly sealer: Sealer;
  /** Whether the name was made of a pattern; then its directory is made too. */
  readonly isMade: boolean;
}

/** Checks what --all, --for, -w and --json say together. @throws ERR_USAGE */
export function checkDestinations({ flags }: Pick<Given, 'flags'>): void {
  const { all, 'sealed-secret-file': file, for: asked } = flags;
  if (all && asked !== '') throw usageError('--all and --for exclude each other');
  if (isSeveral(flags) && file !== '') refuseBadPattern(file, '-w');
  if (!all && asked === '' && isPattern(file))
    throw usageError('-w has {cluster}, but no cluster is named', 'give --all, or --for CLUSTER,...');
  if (flags.json && !flags['dry-run'] && goesToStdout({ flags }))
    throw usageError('--json needs -w FILE or --dry-run', 'the SealedSecret goes to stdout otherwise');
}

/** Whether the SealedSecret itself would be printed. */
export function goesToStdout({ flags }: Pick<Given, 'flags'>): boolean {
  const file = flags['sealed-secret-file'];
  return !needsPlace({ flags }) && (file === '' || isStream(file));
}

/**
 * The files of a command line: one, or one for each cluster of --all or --for.
 *
 * @param place of the SealedSecret; its namespace is empty where the command line does not say it
 * @throws ERR_USAGE, also where a file exists: new SealedSecrets never replace a file
 */
export async function destinationsOf(
  line: Given,
  place: { readonly namespace: string; readonly name: string },
  world: CommandWorld,
): Promise<Destination[]> {
  const { 'sealed-secret-file': file, for: asked } = line.flags;
  if (!needsPlace(line)) {
    await refuseExisting(file, world.io.cwd);
    return [{ file, sealer: sealerOf(line, world), isMade: false }];
  }
  const settings = await settingsOf(line, world.io.cwd);
  const names = asked === '' ? [...settings.values.clusters.keys()] : [...new Set(asked.split(','))];
  const pattern = file || outputOf(settings, world.io.cwd);
  const { directory, where } = settings.place;
  if (pattern.includes('{namespace}') && place.namespace === '')
    throw usageError(
      `the namespace of ${place.name} is missing`,
      `write NAMESPACE/${place.name}, or give -n`,
    );
  const destinations: Destination[] = [];
  for (const cluster of names) {
    settings.cluster(cluster);
    const own = outputFor(pattern, { ...place, cluster });
    if (file === '' && pathBelow(directory, realPathOf(resolve(world.io.cwd, own))) === undefined)
      throw usageError(
        `${own} is outside of the directory of ${where}: a link leads there`,
        'remove the link',
      );
    await refuseExisting(own, world.io.cwd, true);
    const given = { ...line, flags: { ...line.flags, for: cluster } };
    destinations.push({ file: own, sealer: sealerOf(given, world), isMade: true });
  }
  refuseSharedFile(destinations, world.io.cwd);
  return destinations;
}

/** @throws ERR_USAGE where a link or `..` leads the names of two clusters to one file */
function refuseSharedFile(destinations: readonly Pick<Destination, 'file'>[], cwd: string): void {
  const taken = new Map<string, string>();
  for (const { file } of destinations) {
    const path = realPathOf(resolve(cwd, file));
    const other = taken.get(path);
    if (other !== undefined)
      throw usageError(`${file} is the same file as ${other}`, 'each cluster needs a file of its own');
    taken.set(path, file);
  }
}

/** Whether the names of the files may hold namespace and name of the Secret. */
export function needsPlace({ flags }: Pick<Given, 'flags'>): boolean {
  return isSeveral(flags) || isPattern(flags['sealed-secret-file']);
}

function isSeveral(flags: { readonly all: boolean; readonly for: string }): boolean {
  return flags.all || flags.for.includes(',');
}

async function settingsOf({ flags }: Given, cwd: string): Promise<Settings> {
  const [fixed = ''] = flags['sealed-secret-file'].split('{');
  const settings = await new RunSettings(flags, cwd).settingsFor(isStream(fixed) ? '' : fixed);
  if (settings) return settings;
  throw usageError(
    'no settings file says which clusters there are',
    'write .kubeseal.yaml, or name one with --config',
  );
}

function outputOf({ values: { output }, place }: Settings, cwd: string): string {
  if (output === undefined)
    throw usageError(
      'nothing says where each cluster gets its file',
      `give -w with {cluster}, or set output in ${place.where}`,
    );
  return relative(cwd, resolve(place.directory, output));
}

/** @throws ERR_USAGE where -w names a file that exists: a new SealedSecret never loses items of another */
export async function refuseExisting(file: string, cwd: string, mayMakeDirectory = false): Promise<void> {
  if (file === '' || isStream(file)) return;
  if (!mayMakeDirectory) await checkWritable(cwd, file);
  const existing = await stat(resolve(cwd, file)).catch(() => undefined);
  if (existing?.isFile() && existing.size > 0)
    throw usageError(`${file} exists already`, 'delete it first, or name another file');
}
