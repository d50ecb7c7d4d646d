import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import {
  type AllowedSigner,
  decodeUtf8,
  maySignAt,
  readAllowedSigners,
  SealedSecretsError,
} from '@fuin/crypto-core';
import type { MonotonicClock } from '@fuin/kube/time';
import { sleep } from '@fuin/kube/time';
import { describeError, type Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';

/** As much as a ConfigMap holds. */
const MOST_BYTES = 1024 * 1024;
/** A kubelet takes up to a minute and more to bring a changed ConfigMap to the file. */
const PERIOD_MS = 2_000;

/** What the file is read for, and where it is reported. */
export interface SignersFileDeps {
  readonly path: string;
  readonly clock: MonotonicClock;
  readonly now: () => Date;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'allowedSigners' | 'allowedSignersUnreadable'>;
}

/**
 * The allowed-signers file as it is on disk. A file that cannot be used allows nobody: the list before it is
 * forgotten, since a signer may have been taken out of it.
 */
export class SignersFile {
  readonly #deps: SignersFileDeps;
  readonly #listeners: (() => void)[] = [];
  #signers: readonly AllowedSigner[] | undefined;
  /** What was last read, or why it could not be; what is not new is not read again as a list. */
  #seen: string | undefined;
  /** Which lines count at the time of the last look. */
  #timely = '';

  constructor(deps: SignersFileDeps) {
    this.#deps = deps;
  }

  /** Who may sign; undefined while the file cannot be used. */
  get signers(): readonly AllowedSigner[] | undefined {
    return this.#signers;
  }

  /** The listener is called when somebody may sign who could not before, or the other way round. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Looks at the file again and again until `stop` aborts. */
  async watch(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await sleep(this.#deps.clock, PERIOD_MS, stop);
      await this.refresh();
    }
  }

  /** Looks at the file, and at the time: validities begin and end. */
  async refresh(): Promise<void> {
    const content = await readWhole(this.#deps.path);
    const seen = typeof content === 'string' ? `unreadable: ${content}` : decodeUtf8(content);
    const isNew = seen !== this.#seen;
    this.#seen = seen;
    if (isNew) await this.#take(content);
    const timely = this.#timelyLines();
    const isOther = isNew || timely !== this.#timely;
    this.#timely = timely;
    if (isOther) for (const listener of this.#listeners) listener();
  }

  async #take(content: Uint8Array | string): Promise<void> {
    const { path, log, metrics } = this.#deps;
    try {
      const signers = await signersIn(content);
      this.#signers = signers;
      log.info('allowed signers read', { file: path, signers: signers.length });
    } catch (error) {
      this.#signers = undefined;
      log.error('allowed signers cannot be used, nobody may sign', { file: path, ...describeError(error) });
    }
    metrics.allowedSigners.set(this.#signers?.length ?? 0);
    metrics.allowedSignersUnreadable.set(this.#signers ? 0 : 1);
  }

  #timelyLines(): string {
    const now = this.#deps.now();
    return (this.#signers ?? []).map((signer) => (maySignAt(signer, now) ? '1' : '0')).join('');
  }
}

/** @throws ERR_KEY_INVALID for what is no list, and for a list of nobody */
async function signersIn(content: Uint8Array | string): Promise<readonly AllowedSigner[]> {
  if (typeof content === 'string') throw new SealedSecretsError('ERR_KEY_INVALID', content);
  const signers = await readAllowedSigners(textOf(content));
  if (signers.length === 0)
    throw new SealedSecretsError('ERR_KEY_INVALID', 'the allowed-signers file names nobody');
  return signers;
}

function textOf(content: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    throw new SealedSecretsError('ERR_KEY_INVALID', 'the allowed-signers file is not text in UTF-8');
  }
}

/** The bytes of a file, or why there are none. Reads no more than a file may have. */
async function readWhole(path: string): Promise<Uint8Array | string> {
  try {
    // a pipe that nobody writes to would never open
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return await contentOf(handle);
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code = 'unknown error' } = error as { readonly code?: string };
    return `the allowed-signers file cannot be read (${code})`;
  }
}

async function contentOf(handle: FileHandle): Promise<Uint8Array | string> {
  const stat = await handle.stat();
  if (!stat.isFile()) return 'the allowed-signers file is not a file';
  if (stat.size > MOST_BYTES) return 'the allowed-signers file is too large';
  const buffer = new Uint8Array(stat.size + 1);
  let length = 0;
  for (let isEnd = false; !isEnd && length < buffer.length; ) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length);
    length += bytesRead;
    isEnd = bytesRead === 0;
  }
  return length > stat.size ? 'the allowed-signers file grows while it is read' : buffer.subarray(0, length);
}
