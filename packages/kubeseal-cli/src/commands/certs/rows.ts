import { type CommandTable, defineCommand } from '../../invocation/command.ts';
import { CERT_CHECK_FLAGS, CERT_UPDATE_FLAGS } from '../../invocation/flags/cert-flags.ts';

const CLUSTERS = {
  usage: '[CLUSTER]...',
  least: 0,
  most: Number.POSITIVE_INFINITY,
  offers: 'clusters',
} as const;

/** The commands about the certificates of the settings file. */
export const CERT_COMMANDS: CommandTable = {
  'cert check': defineCommand({
    summary:
      'Compares the certificates and fingerprints of .kubeseal.yaml with what the controllers serve. Without a name it is about all clusters of the file. Exit code 3 means that some are stale.',
    group: 'Cluster access',
    arguments: CLUSTERS,
    flags: CERT_CHECK_FLAGS,
    examples: [{ what: 'See which pinned certificates are stale', line: 'kubeseal cert check' }],
    check: async (given) => (await import('./cert.ts')).refuseFor(given),
    run: async (given, world) => (await import('./cert.ts')).certCheck(given, world),
  }),
  'cert update': defineCommand({
    summary:
      'Replaces the certificates and fingerprints of .kubeseal.yaml by what the controllers serve, after showing both. Without a name it is about all clusters of the file.',
    group: 'Cluster access',
    arguments: CLUSTERS,
    flags: CERT_UPDATE_FLAGS,
    examples: [
      { what: 'Replace the certificate of a cluster', line: 'kubeseal cert update prod' },
      {
        what: 'Replace it with one that somebody sent, if it is the one that they named',
        line: 'kubeseal cert update prod --cert new.pem --cert-fingerprint SHA256:...',
      },
    ],
    check: async (given) => (await import('./cert.ts')).refuseFor(given),
    run: async (given, world) => (await import('./cert.ts')).certUpdate(given, world),
  }),
};
