import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startGuarded } from '../../kube-apiserver/guarded-process.ts';
import { PATIENCE_MS } from '../time/patience.ts';

/** Writes down the pid that the program is about to have, so that it can be sent signals. */
const NOTE_PID = 'echo $$ >"$0"; exec "$@"';

/** A process whose life ends with ours, whose log can be read and that can be sent signals. */
export interface LoggedProcess {
  isRunning(): boolean;
  /** Its process id, while it runs. */
  pid(): Promise<number>;
  /** Everything it wrote so far, both streams; after its end what was read last. */
  logs(): Promise<string>;
  signal(signal: NodeJS.Signals): Promise<void>;
  /** SIGTERM; resolves to the exit code. */
  stop(): Promise<number>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** What to run; `scratch` is a directory of its own, removed when it ends. */
export interface LoggedCommand {
  command(scratch: string): readonly string[] | Promise<readonly string[]>;
  readonly env: NodeJS.ProcessEnv;
}

/** Starts a program. */
export async function startLogged({ command, env }: LoggedCommand): Promise<LoggedProcess> {
  const scratch = await mkdtemp(join(tmpdir(), 'fuin-process-'));
  const [logFile, pidFile] = [join(scratch, 'log'), join(scratch, 'pid')];
  const child = startGuarded(['sh', '-c', NOTE_PID, pidFile, ...(await command(scratch))], { logFile, env });
  const end = async (): Promise<number> => {
    const code = await child.exited;
    await rm(scratch, { recursive: true, force: true });
    return code;
  };
  const pid = async (): Promise<number> => Number(await readFile(pidFile, 'utf8'));
  const signal = async (name: NodeJS.Signals): Promise<void> => {
    process.kill(await pid(), name);
  };
  let lastLog = '';
  return {
    isRunning: child.isRunning,
    pid,
    signal,
    logs: async () => {
      lastLog = await readFile(logFile, 'utf8').catch(() => lastLog);
      return lastLog;
    },
    stop: async () => {
      if (child.isRunning()) await signal('SIGTERM');
      return end();
    },
    kill: async () => {
      await child.stop();
      await end();
    },
  };
}

/**
 * Looks again and again, while a process runs, until there is something to see.
 * @throws after a while or when the process ended first: the complaint and its log; the process is killed
 */
export async function untilSeen<T>(
  running: LoggedProcess,
  complaint: string,
  look: () => Promise<T | null | undefined>,
): Promise<T> {
  for (
    const deadline = Date.now() + PATIENCE_MS;
    running.isRunning() && Date.now() < deadline;
    await sleep(25)
  ) {
    const seen = await look();
    if (seen !== undefined && seen !== null) return seen;
  }
  const log = await running.logs();
  await running.kill();
  throw new Error(`${complaint}; its log:\n${log}`);
}
