import { readFile } from 'node:fs/promises';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { PATIENCE_MS } from '../support/time/patience.ts';
import { type GuardedProcess, startGuarded } from './guarded-process.ts';

/** How to run a server and tell that it is ready. */
export interface ServerProcessOptions {
  readonly command: readonly string[];
  /** Collects what every run of the server prints. */
  readonly logFile: string;
  /** Answers 200 without credentials once the server is ready. */
  readonly healthUrl: string;
}

const POLL_MS = 50;
const LOG_TAIL = 4_000;

/** A server that can be killed and started again with the same command; start() waits until it is healthy. */
export class ServerProcess {
  readonly #options: ServerProcessOptions;
  #running: GuardedProcess | undefined;

  constructor(options: ServerProcessOptions) {
    this.#options = options;
  }

  /** @throws Error with the end of the log when the server ends or is not healthy in time */
  async start(): Promise<void> {
    const { command, logFile, healthUrl } = this.#options;
    const started = startGuarded(command, { logFile });
    this.#running = started;
    for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(POLL_MS)) {
      if (!started.isRunning()) throw new Error(`${command[0]} ended: ${await this.logTail()}`);
      if (await isHealthy(healthUrl)) return;
    }
    await this.stop();
    throw new Error(`${command[0]} was not ready after ${PATIENCE_MS} ms: ${await this.logTail()}`);
  }

  /** Kills it without a chance to say goodbye, as a crash would. */
  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = undefined;
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async logTail(): Promise<string> {
    return (await readFile(this.#options.logFile, 'utf8')).slice(-LOG_TAIL);
  }
}

function isHealthy(url: string): Promise<boolean> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve) => {
    // Health is no secret and the certificate is not known before the server made it.
    const outgoing = request(url, { rejectUnauthorized: false, agent: false, timeout: 2_000 }, (incoming) => {
      incoming.resume();
      resolve(incoming.statusCode === 200);
    });
    outgoing.once('timeout', () => outgoing.destroy());
    outgoing.once('error', () => resolve(false));
    outgoing.end();
  });
}
