import { resolve } from 'node:path';
import type { FlagRow } from '@fuin/flags/parsing';
import type { CommandLine, CommandWorld } from '../../invocation/command.ts';
import { type CERTIFICATE_FLAGS, CLUSTER_FLAGS } from '../../invocation/flags/flags.ts';
import { connectionOf, type Sealing } from '../../invocation/invocation.ts';
import { variableOf } from '../../invocation/options.ts';
import type { FormatGiven, FormatSetting, SealingFormat } from '../../invocation/sealing-format.ts';
import { sealingFormatOf } from '../../invocation/sealing-format.ts';
import { certificateSource, isUrl, recipientSource } from '../../invocation/settings/certificate-source.ts';
import { realPathOf, type SettingsPlace } from '../../invocation/settings/find-settings.ts';
import type { NamedCluster } from '../../invocation/settings/settings.ts';
import { usageError } from '../../invocation/usage-error.ts';
import type { Io } from '../../io/io.ts';

/** The flags and variables that choose certificate, cluster and settings. */
export type CertificateGiven = Pick<CommandLine<typeof CERTIFICATE_FLAGS>, 'flags' | 'changed'> & FormatGiven;
type Flag = keyof typeof CERTIFICATE_FLAGS;

/** Flags that choose another cluster than the settings file does. */
const CHOOSING = ['cert', 'recipient', 'context', 'cluster', 'server'] as const;

/** Flags and variables that say as whom to talk to the server that the user has in mind. */
const CREDENTIALS = ['client-certificate', 'client-key', 'password', 'token', 'user', 'username'] as const;

/** The flag of the command line that chooses a cluster, so that the settings file does not. */
export function choosingFlag(given: CertificateGiven, io: Pick<Io, 'env'>): string | undefined {
  return CHOOSING.find((flag) =>
    flag === 'recipient' ? (given.flags.recipient ?? []).length > 0 : isTyped(flag, given, io),
  );
}

/** What one run asks of a cluster of the settings file. */
export interface Asked {
  readonly given: CertificateGiven;
  readonly world: Pick<CommandWorld, 'io' | 'warn'>;
  /** The format that the rule of the file asks for. */
  readonly setting?: FormatSetting | undefined;
}

/**
 * What to seal with for a cluster of the settings file. What the command line says about the controller wins.
 * A variable applies to every run and every cluster, so one that says something else is an error.
 *
 * @throws ERR_USAGE
 */
export function clusterSealing(
  cluster: NamedCluster,
  place: SettingsPlace,
  { given, world, setting }: Asked,
): Sealing {
  const { io } = world;
  const { certificate, context, controllerName, controllerNamespace } = cluster;
  const source = certificate === undefined ? '' : certificateSource(certificate, place, io.cwd);
  refuseVariables({ source, cluster, place }, given, io);
  const flags = {
    ...given.flags,
    cert: source,
    'cert-fingerprint': pinOf(cluster, place, given.flags['cert-fingerprint']),
    context: context ?? '',
    'controller-name': chosen('controller-name', controllerName, given, io),
    'controller-namespace': chosen('controller-namespace', controllerNamespace, given, io),
  };
  const changed = new Set(given.changed);
  changed.delete('cert'); // nobody typed this one
  if (controllerName !== undefined) changed.add('controller-name');
  const sealing = connectionOf({ flags, changed }, world);
  const format = clusterFormat(cluster, place, { given, world, setting });
  const access = async () => {
    if (context === undefined) throw noContext(cluster, place);
    refuseCredentials(cluster, place, given);
    return sealing.kubeconfig.access();
  };
  return { ...sealing, format, kubeconfig: { ...sealing.kubeconfig, access } };
}

/**
 * The format of what is sealed for a cluster. Recipients of the settings are never replaced. @throws
 * ERR_USAGE
 */
function clusterFormat(
  { name, recipients }: NamedCluster,
  place: SettingsPlace,
  { given: { flags, changed }, world: { io }, setting }: Asked,
): SealingFormat {
  const pinned = recipients && { version: 'v2' as const, where: `${place.where}, cluster ${name}` };
  const format = sealingFormatOf(
    { flags: { ...flags, 'cert-fingerprint': '' }, changed },
    io,
    pinned ?? setting,
  );
  if (!recipients) return format;
  if (format.asked !== 'v2')
    throw usageError(
      `${place.where} names recipients of format v2 for cluster ${name}, and --format-version is 1`,
      'leave --format-version out',
    );
  return { ...format, recipients: recipients.map((each) => recipientSource(each, place, io.cwd)) };
}

/** The context of the kubeconfig stands in for none: it may be another cluster's. */
function noContext({ name }: NamedCluster, { where }: SettingsPlace): Error {
  return usageError(
    `${where} names no context for cluster ${name}, so its controller cannot be asked`,
    'add context, or give --context',
  );
}

/** @throws ERR_USAGE: credentials of the command line are for one server, and a file chooses another */
function refuseCredentials(
  { name, context }: NamedCluster,
  { where }: SettingsPlace,
  given: CertificateGiven,
): void {
  const flag = CREDENTIALS.find((each) => given.changed.has(each));
  if (flag === undefined) return;
  throw usageError(
    `--${flag} is not sent to the context ${context} that ${where} names for cluster ${name}`,
    'give --context too, or leave the credentials to the kubeconfig',
  );
}

function chosen(
  flag: 'controller-name' | 'controller-namespace',
  entry: string | undefined,
  given: CertificateGiven,
  io: Pick<Io, 'env'>,
): string {
  return entry === undefined || isTyped(flag, given, io) ? given.flags[flag] : entry;
}

/** The fingerprint that counts: a pin of the file holds beside that of the command line. @throws ERR_USAGE */
function pinOf({ name, fingerprint = '' }: NamedCluster, { where }: SettingsPlace, asked: string): string {
  if (fingerprint === '' || asked === '' || bare(asked) === bare(fingerprint)) return asked || fingerprint;
  throw usageError(
    `--cert-fingerprint is ${asked}, but ${where} pins ${fingerprint} for cluster ${name}`,
    'kubeseal cert check says which one the cluster has',
  );
}

const bare = (fingerprint: string) => fingerprint.replace(/=+$/, '');

/** What a cluster of the settings file is sealed for with. */
interface Chosen {
  readonly source: string;
  readonly cluster: NamedCluster;
  readonly place: SettingsPlace;
}

/** @throws ERR_USAGE for a variable that says something else than the settings file */
function refuseVariables({ source, cluster, place }: Chosen, given: CertificateGiven, io: Io): void {
  const said = {
    cert: source,
    context: cluster.context,
    'controller-name': cluster.controllerName,
    'controller-namespace': cluster.controllerNamespace,
  } as const;
  for (const flag of ['cert', 'context', 'controller-name', 'controller-namespace'] as const) {
    const entry = said[flag];
    const value = given.flags[flag];
    if (entry === undefined || value === '' || !given.changed.has(flag) || isTyped(flag, given, io)) continue;
    if (value === entry || (flag === 'cert' && isSameFile(value, entry, io.cwd))) continue;
    throw usageError(
      `${variableOf(flag)} says something else than ${place.where} does for cluster ${cluster.name}`,
      `unset the variable, or decide on the command line with --${flag}`,
    );
  }
}

function isSameFile(a: string, b: string, cwd: string): boolean {
  if (b === '' || isUrl(a) || isUrl(b)) return false;
  return realPathOf(resolve(cwd, a)) === realPathOf(resolve(cwd, b));
}

/** Whether the command line says a flag, and not only a variable. */
export function isTyped(flag: Flag, { flags, changed }: CertificateGiven, { env }: Pick<Io, 'env'>): boolean {
  return changed.has(flag) && flags[flag] !== env[variableOf(flag)];
}

/** Flags about the API server that hold for reading and for sealing. */
const COMMON = ['kubeconfig', 'request-timeout'];

/**
 * The flags without the API server of the command line, for a command that reads values from there and seals
 * them for another cluster.
 */
export function withoutSource({ flags, changed }: CertificateGiven): CertificateGiven {
  const others = Object.entries<FlagRow>(CLUSTER_FLAGS).filter(([name]) => !COMMON.includes(name));
  const defaults = Object.fromEntries(
    others.flatMap(([name, row]) => (row.type === 'alias' ? [] : [[name, row.default]])),
  );
  const own = new Set(changed);
  for (const [name] of others) own.delete(name);
  return { flags: { ...flags, ...defaults }, changed: own };
}
