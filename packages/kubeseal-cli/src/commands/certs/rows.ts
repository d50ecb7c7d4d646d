import { type CommandTable, defineCommand } from '../../invocation/command.ts';
import { CERT_FLAGS } from '../../invocation/flags/cert-flags.ts';

/** The command about the certificates of the settings file. */
export const CERT_COMMANDS: CommandTable = {
  cert: defineCommand({
    summary:
      'Compares the certificates and fingerprints of .kubeseal.yaml with what the controllers serve, or replaces them after showing both. Without a name it is about all clusters of the file. Exit code 3 of check means that some are stale.',
    group: 'Cluster access',
    arguments: {
      usage: 'check|update [CLUSTER]...',
      least: 1,
      most: Number.POSITIVE_INFINITY,
      actions: ['check', 'update'],
      offers: 'clusters',
    },
    flags: CERT_FLAGS,
    examples: [
      { what: 'See which pinned certificates are stale', line: 'kubeseal cert check' },
      { what: 'Replace the certificate of a cluster', line: 'kubeseal cert update prod' },
      {
        what: 'Replace it with one that somebody sent, if it is the one that they named',
        line: 'kubeseal cert update prod --cert new.pem --cert-fingerprint SHA256:...',
      },
    ],
    check: async (given) => void (await import('./cert.ts')).readCert(given),
    run: async (given, world) => (await import('./cert.ts')).cert(given, world),
  }),
};
