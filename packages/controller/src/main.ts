import { SealedSecretsError } from '@fuin/crypto-core';
import { formatHelp } from '@fuin/flags';
import { type Config, readConfig } from './config/config.ts';
import { FLAGS } from './config/flags.ts';
import { createLogger, describeError } from './log.ts';
import { run } from './run.ts';
import { VERSION } from './version.ts';

/** The process as the controller sees it. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Calls back at each SIGTERM, SIGINT or SIGUSR1. */
  readonly onSignal: (signal: 'SIGTERM' | 'SIGINT' | 'SIGUSR1', listener: () => void) => void;
  /** Calls back with each error that nothing handled. */
  readonly onFault: (listener: (error: unknown) => void) => void;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
}

const PROGRAM = 'sealed-secrets-controller';
const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/**
 * Runs the program until a signal stops it.
 *
 * @param argv without program and script
 * @returns the exit code: 0 stopped by a signal, 1 cannot start, 2 wrong flags
 */
export async function main(argv: readonly string[], host: Host): Promise<number> {
  const stop = new AbortController();
  const renewal = listenForSignals(host, stop);
  const read = tryReadConfig(argv, host);
  if (!read) return EXIT.usage;
  if (read.helpRequested) {
    host.stdout(formatHelp(PROGRAM, FLAGS));
    return EXIT.ok;
  }
  if (read.config.isVersionAsked) {
    host.stdout(`controller version: ${VERSION}\n`);
    return EXIT.ok;
  }
  for (const warning of read.warnings) host.stderr(`${warning}\n`);
  return runUntilStopped(read.config, host, stop.signal, renewal.onRenewal);
}

async function runUntilStopped(
  config: Config,
  { env, stdout, stderr, onFault, exit }: Host,
  stop: AbortSignal,
  onRenewal: (listener: () => void) => void,
): Promise<number> {
  const log = createLogger({ ...config.log, stdout, stderr, now: () => new Date() });
  onFault((error) => {
    // the runtime would print the error's text, which may quote a value
    log.error('fault, stopping', describeError(error));
    exit(EXIT.failed);
  });
  try {
    await run(config, { env, log, stop, onRenewal });
    return EXIT.ok;
  } catch (error) {
    log.error('cannot run', {
      ...describeError(error),
      hint: error instanceof SealedSecretsError ? error.hint : undefined,
    });
    return EXIT.failed;
  }
}

/**
 * Listens from the first moment: without a listener a signal would end the process, or (SIGUSR1) open Node's
 * debugger.
 */
function listenForSignals({ onSignal }: Host, stop: AbortController) {
  let renew: () => void = () => undefined;
  onSignal('SIGTERM', () => stop.abort());
  onSignal('SIGINT', () => stop.abort());
  onSignal('SIGUSR1', () => renew());
  return {
    onRenewal: (listener: () => void) => {
      renew = listener;
    },
  };
}

function tryReadConfig(argv: readonly string[], { env, stderr }: Host) {
  try {
    return readConfig(argv, env);
  } catch (error) {
    if (!(error instanceof SealedSecretsError)) throw error;
    stderr(`error: ${error.message}\nhint: ${PROGRAM} --help lists the flags\n`);
    return undefined;
  }
}
