import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** A child process that can not outlive this one, not even when this one is killed. */
export interface GuardedProcess {
  /** Resolves to the exit code, 128 + n after signal n. */
  readonly exited: Promise<number>;
  isRunning(): boolean;
  /** Kills the process and everything it started, and waits until it is gone. */
  stop(): Promise<void>;
}

/** Surroundings of a guarded process; by default ours. */
export interface GuardedProcessOptions {
  /** File that stdout and stderr are appended to; without one they are ours. */
  readonly logFile?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/**
 * The guard's standard input is a pipe that only we hold: when we close it or die, however that happens,
 * `cat` sees its end. The group is the guard's own (detached), so a signal to our group can not kill the
 * guard before its ward. `wait` makes the guard's exit mean that the ward has released its ports and files;
 * what the ward started may live a second longer when we are dead.
 */
const GUARD = `exec 3<&0
"$@" </dev/null 3<&- &
ward=$!
{ cat <&3 >/dev/null 2>&1; kill -KILL $ward; sleep 1; kill -KILL 0; } 2>/dev/null &
exec 2>/dev/null # the shell would report each ward that was killed
wait $ward`;

/** Starts a command whose life ends with ours; its standard input is empty. */
export function startGuarded(
  command: readonly string[],
  options: GuardedProcessOptions = {},
): GuardedProcess {
  const output = options.logFile === undefined ? 'inherit' : openSync(options.logFile, 'a', 0o600);
  const child = spawn('sh', ['-c', GUARD, 'guard', ...command], {
    stdio: ['pipe', output, output],
    detached: true,
    env: options.env
      ? { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...options.env }
      : process.env,
    cwd: options.cwd,
  });
  if (typeof output === 'number') closeSync(output);
  let isRunning = true;
  const exited = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      isRunning = false;
      child.stdin?.destroy();
      killGroup(child.pid);
      resolve(code ?? 128 + 9);
    });
  });
  exited.catch(() => undefined);
  return {
    exited,
    isRunning: () => isRunning,
    async stop() {
      child.stdin?.destroy();
      await exited;
    },
  };
}

/** Ends what the ward left behind, the guard's own watcher included. */
function killGroup(leader: number | undefined): void {
  try {
    if (leader !== undefined) process.kill(-leader, 'SIGKILL');
  } catch {
    // nobody was left
  }
}
