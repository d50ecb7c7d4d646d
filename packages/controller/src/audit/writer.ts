import { type AuditEvent, type Head, newChain, nextLine, type Tail } from '@fuin/audit';
import type { Sink } from './file-sink.ts';

/** What a writer reports; each is called on a change only. */
export interface WriterReports {
  /** Nothing can be written. */
  onFailure(error: unknown): void;
  onRecovery(): void;
  /** An event had no room in memory. */
  onLoss(): void;
  /** Lines up to this one were handed to the operating system. */
  onWritten(head: Head): void;
}

/** What a writer needs. */
export interface WriterDeps extends WriterReports {
  readonly sink: Sink;
  readonly now: () => Date;
  /** What the first line of this process says beside `controller.started`. */
  readonly started: Pick<AuditEvent, 'identity' | 'version'>;
}

interface Waiting {
  readonly event: AuditEvent;
  readonly time: Date;
  /** Told when the line is written, or cannot be. */
  readonly done?: (error?: unknown) => void;
}

interface Sealed {
  readonly bytes: Buffer;
  readonly head: Head;
  readonly done: Waiting['done'];
}

/** Events that wait while nothing can be written: some megabytes. */
const MAX_WAITING = 8_192;
/** Lines of one write. */
const BATCH = 256;

/**
 * Writes events as lines of one chain, in the order in which they came. A line gets its number and its hash
 * right before it is written, so that numbers have no gaps: a line of its own says how much had no room in
 * memory. What was written in part is finished later.
 */
export class ChainWriter {
  readonly #deps: WriterDeps;
  readonly #waiting: Waiting[] = [];
  readonly #sealed: Sealed[] = [];
  /** How much of the first sealed line is written. */
  #offset = 0;
  #head: Head | undefined;
  #failure: unknown;
  #lost = 0;
  #running: Promise<void> | undefined;

  constructor(deps: WriterDeps) {
    this.#deps = deps;
  }

  /** Whether events are kept in memory because they cannot be written, or some are lost. */
  get isFailing(): boolean {
    return this.#failure !== undefined || this.#lost > 0;
  }

  /** Writes an event soon. */
  add(event: AuditEvent, done?: Waiting['done']): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#lost += 1;
      this.#deps.onLoss();
      done?.(new Error('too many events wait'));
      return;
    }
    this.#waiting.push({ event, time: this.#deps.now(), ...(done && { done }) });
    if (this.#failure === undefined) void this.flush();
  }

  /** Writes everything that waits, as far as that is possible now. Never rejects. */
  flush(): Promise<void> {
    this.#running ??= this.#writeAll().finally(() => {
      this.#running = undefined;
      if (this.#waiting.length > 0 && this.#failure === undefined) void this.flush(); // came at the very end
    });
    return this.#running;
  }

  /** Resolves when the file is closed. */
  async close(): Promise<void> {
    await this.flush();
    await this.flush(); // what came while the first one ended
    await this.#deps.sink.close();
  }

  async #writeAll(): Promise<void> {
    try {
      await this.#prepare();
      while (this.#sealed.length > 0 || this.#waiting.length > 0 || this.#lost > 0) {
        if (this.#sealed.length === 0) this.#sealBatch();
        await this.#writeSealed();
      }
      this.#recover();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Opens the sink, or looks whether it is still the same. */
  async #prepare(): Promise<void> {
    const { sink, now } = this.#deps;
    if (!this.#head) return this.#begin(await sink.open());
    const reason = await sink.change();
    if (reason === undefined) return;
    // a line that stands in part where nobody looks any more is written again as a whole
    if (reason !== 'grown') this.#offset = 0;
    this.#waiting.unshift({ event: { kind: 'audit.file-changed', reason }, time: now() });
  }

  #begin({ head, torn, lacksLineEnd }: Tail): void {
    const { started, now } = this.#deps;
    const begun = head ?? newChain();
    this.#head = begun;
    if (lacksLineEnd) this.#sealed.push({ bytes: Buffer.from('\n'), head: begun, done: undefined });
    const event: AuditEvent = { kind: 'controller.started', ...started, torn };
    this.#waiting.unshift({ event, time: this.#waiting[0]?.time ?? now() });
  }

  #sealBatch(): void {
    for (const { event, time, done } of this.#waiting.splice(0, BATCH)) this.#seal(event, time, done);
    if (this.#waiting.length > 0 || this.#lost === 0) return;
    this.#seal({ kind: 'audit.lost', count: this.#lost }, this.#deps.now());
    this.#lost = 0;
  }

  #seal(event: AuditEvent, time: Date, done?: Waiting['done']): void {
    const { text, head } = nextLine(this.#head ?? newChain(), time, event);
    this.#head = head;
    this.#sealed.push({ bytes: Buffer.from(text, 'latin1'), head, done });
  }

  /** Writes all sealed lines; what the sink takes counts even if it then fails. */
  async #writeSealed(): Promise<void> {
    const { sink, onWritten } = this.#deps;
    while (this.#sealed.length > 0) {
      const bytes = Buffer.concat(this.#sealed.map((each) => each.bytes)).subarray(this.#offset);
      this.#offset += await sink.append(bytes);
      for (
        let first = this.#sealed[0];
        first && this.#offset >= first.bytes.length;
        first = this.#sealed[0]
      ) {
        this.#offset -= first.bytes.length;
        this.#sealed.shift();
        first.done?.();
        if (first.head.seq > 0) onWritten(first.head);
      }
    }
  }

  #fail(error: unknown): void {
    const isNew = this.#failure === undefined;
    this.#failure = error;
    for (const { done } of [...this.#sealed, ...this.#waiting]) done?.(error);
    if (isNew) this.#deps.onFailure(error);
  }

  #recover(): void {
    if (this.#failure === undefined) return;
    this.#failure = undefined;
    this.#deps.onRecovery();
  }
}
