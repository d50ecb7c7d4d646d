/** The signals that a process may pass on; KILL and STOP cannot be caught. */
const SIGNALS = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;
export type Signal = (typeof SIGNALS)[number];

/** The signals that arrive while work is done that must be tidied up. */
export interface Signals {
  /** The first one that asks the process to end; undefined while there is none. */
  readonly received: Signal | undefined;
  /** Sends every signal there, also one that arrived before. Undefined ends that. */
  forwardTo(receive: ((signal: Signal) => void) | undefined): void;
}

/**
 * Runs work that no signal may end half-way: signals are kept or passed on, and the work decides how to end.
 * Windows knows only some of them.
 */
export async function withSignals<T>(run: (signals: Signals) => Promise<T>): Promise<T> {
  let received: Signal | undefined;
  let receive: ((signal: Signal) => void) | undefined;
  const onSignal = (signal: Signal) => {
    if (!signal.startsWith('SIGUSR')) received ??= signal;
    receive?.(signal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    return await run({
      get received() {
        return received;
      },
      forwardTo: (next) => {
        receive = next;
        if (received) next?.(received);
      },
    });
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}
