import { SealedSecretsError } from '@fuin/crypto-core';
import { type Failure, failureOf, isFailure, throwFailures } from '../../input/tree/failures.ts';
import type { CommandWorld } from '../../invocation/command.ts';
import type { NamedCluster, Settings } from '../../invocation/settings/settings.ts';
import { jsonText } from '../../output/json-text.ts';
import { BAD_STATES, type CertState, type CheckGiven, type ClusterCert, certOf } from './state.ts';
import { failuresOf } from './update-report.ts';

/** Of the JSON document. It changes only when a field changes its meaning or goes. */
const SCHEMA_VERSION = 1;

/** What a state means, for a person. */
const MEANINGS: Readonly<Record<CertState, string>> = {
  current: 'the controller serves the same key',
  stale: 'the controller serves another key',
  expired: 'the certificate has expired',
  contradicts: 'certificate and fingerprint are of different keys',
  unknown: 'no context is named, so the controller was not asked',
  'not-pinned': 'the controller is asked each time',
};

/**
 * `kubeseal cert check`: how the certificate of each cluster stands.
 *
 * @throws ERR_FINDINGS for one that must be replaced; the errors of clusters that cannot be judged
 */
export async function checkCerts(
  clusters: readonly NamedCluster[],
  settings: Settings,
  given: CheckGiven,
  world: CommandWorld,
): Promise<void> {
  const judged: ClusterCert[] = [];
  const failures: Failure[] = [];
  for (const cluster of clusters) {
    const result = await failureOf(`cluster ${cluster.name}`, () => certOf(cluster, settings, given, world));
    if (isFailure(result)) failures.push(result);
    else judged.push(result);
    if (given.flags['fail-fast'] && failures.length > 0) break;
  }
  await world.io.stdout.write(given.flags.json ? asJson(judged, failures) : asTable(judged));
  throwFailures(failures);
  const bad = judged.filter(({ state }) => BAD_STATES.includes(state));
  if (bad.length === 0) return;
  throw new SealedSecretsError('ERR_FINDINGS', bad.map(describe).join('\nerror: '), {
    hint: hintsOf(bad, world.io.now()).join('\n'),
  });
}

/** What to do about certificates that must not stay so. */
function hintsOf(bad: readonly ClusterCert[], now: Date): string[] {
  const isLate = ({ served }: ClusterCert) => served !== undefined && served.notAfter < now;
  const [late, others] = [bad.filter(isLate), bad.filter((each) => !isLate(each))];
  const names = others.map(({ cluster }) => cluster.name).join(' ');
  return [
    ...(others.length > 0
      ? [`kubeseal cert update ${names} replaces ${others.length === 1 ? 'it' : 'them'}`]
      : []),
    ...late.map(
      ({ cluster: { name } }) =>
        `the controller of cluster ${name} serves an expired certificate: kubeseal keys rotate makes a new key`,
    ),
  ];
}

function describe({ cluster, state }: ClusterCert): string {
  return `cluster ${cluster.name}: ${MEANINGS[state]}`;
}

const COLUMNS = ['CLUSTER', 'STATE', 'PINNED', 'SERVED', 'EXPIRES'] as const;

function asTable(judged: readonly ClusterCert[]): string {
  const rows = judged.map(({ cluster, state, certificate, served }) => [
    cluster.name,
    state,
    pinnedOf(cluster, certificate?.recipient.id) ?? '-',
    served?.recipient.id ?? '-',
    (certificate ?? served)?.notAfter.toISOString().slice(0, 10) ?? '-',
  ]);
  const all = [COLUMNS, ...rows];
  const widths = COLUMNS.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  return all
    .map(
      (row) =>
        `${row
          .map((cell, at) => cell.padEnd(widths[at] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function pinnedOf({ fingerprint }: NamedCluster, certificate: string | undefined): string | undefined {
  return fingerprint ?? certificate;
}

function asJson(judged: readonly ClusterCert[], failures: readonly Failure[]): string {
  const document = {
    schemaVersion: SCHEMA_VERSION,
    clusters: judged.map(({ cluster, state, certificate, served }) => ({
      name: cluster.name,
      state,
      fingerprint: cluster.fingerprint ?? null,
      certificate: certificate?.recipient.id ?? null,
      served: served?.recipient.id ?? null,
      notAfter: (certificate ?? served)?.notAfter.toISOString() ?? null,
    })),
    errors: failuresOf(failures),
  };
  return jsonText(document);
}
