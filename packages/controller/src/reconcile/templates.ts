import type { RenderTemplates } from '@fuin/crypto-core';
import type { Renderer } from '@fuin/go-template';
import { type MonotonicClock, systemClock } from '@fuin/kube/time';
import { GaveWay } from './status/failures.ts';

/** The template engine, loaded when a template needs it, and let go when none has for a while. */
export interface TemplateEngine {
  /**
   * Renders for one reconcile of a namespace. If its templates take longer than allowed beside other
   * namespaces, this throws GaveWay: the next reconcile has more time, on a thread that the others can spare.
   */
  forNamespace(namespace: string): RenderTemplates;
  /** Whether templates of the namespace took too long recently. */
  isSlow(namespace: string): boolean;
  /** Ends the threads, and rejects running and later renderings. */
  close(): Promise<void>;
}

/** Milliseconds of CPU time that the templates of one reconcile may take. */
export interface TemplateLimits {
  /** While others wait. Most templates take milliseconds, a certificate authority half a second. */
  readonly promptMs: number;
  /** In a namespace that is slow. An RSA key of 4,096 bits takes seconds. */
  readonly patientMs: number;
}

const WORKERS = 2;
const LIMITS: TemplateLimits = { promptMs: 1_000, patientMs: 15_000 };
/** How long a namespace counts as slow after its templates took too long. */
const SLOW_FOR_MS = 600_000;
/**
 * The engine holds threads, compiled code and memory of sandboxes, about as much as all the rest of the
 * controller. Loading it again takes a tenth of a second of CPU time.
 */
const UNLOAD_AFTER_MS = 60_000;

/** Makes the engine; loads and starts nothing. */
export function createTemplateEngine(clock: MonotonicClock = systemClock, limits = LIMITS): TemplateEngine {
  const slow = new SlowNamespaces(() => clock.now());
  const engine = new LoadedEngine(clock, load);
  const forNamespace: TemplateEngine['forNamespace'] = (namespace) => {
    const isSlow = slow.has(namespace); // as it was when the lane was chosen
    const call = { isSlow, timeoutMs: isSlow ? limits.patientMs : limits.promptMs };
    return (request) =>
      engine.use(async (renderer) => {
        if (!isSlow && slow.has(namespace)) throw new GaveWay();
        return renderer.render(request, call).catch((error: unknown) => {
          if (!ranOutOfTime(error)) throw error;
          slow.add(namespace);
          throw isSlow ? error : new GaveWay();
        });
      });
  };
  return { forNamespace, isSlow: (namespace) => slow.has(namespace), close: () => engine.close() };
}

/** A renderer that is loaded at its first use, and let go once nobody has used it for a while. */
class LoadedEngine {
  readonly #clock: MonotonicClock;
  readonly #load: () => Promise<Renderer>;
  #loading: Promise<Renderer> | undefined;
  #uses = 0;
  #isClosed = false;
  #cancelUnload: () => void = () => undefined;

  constructor(clock: MonotonicClock, load: () => Promise<Renderer>) {
    this.#clock = clock;
    this.#load = load;
  }

  async use<Result>(work: (renderer: Renderer) => Promise<Result>): Promise<Result> {
    if (this.#isClosed) throw new Error('the template engine is closed');
    this.#cancelUnload();
    this.#uses += 1;
    try {
      this.#loading ??= this.#load();
      return await work(await this.#loading);
    } finally {
      this.#uses -= 1;
      if (this.#uses === 0)
        this.#cancelUnload = this.#clock.after(UNLOAD_AFTER_MS, () => void this.#unload());
    }
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return this.#unload();
  }

  /** Ends the threads. The next use loads again. */
  async #unload(): Promise<void> {
    this.#cancelUnload();
    const loading = this.#loading;
    this.#loading = undefined;
    await loading?.then(
      (renderer) => renderer.close(),
      () => undefined, // those who asked for it know
    );
  }
}

class SlowNamespaces {
  readonly #nowMs: () => number;
  /** Until when each namespace counts as slow, in order of time. */
  readonly #untilMs = new Map<string, number>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  has(namespace: string): boolean {
    return (this.#untilMs.get(namespace) ?? 0) > this.#nowMs();
  }

  add(namespace: string): void {
    this.#untilMs.delete(namespace);
    this.#untilMs.set(namespace, this.#nowMs() + SLOW_FOR_MS);
    for (const each of this.#untilMs.keys()) {
      if (this.has(each)) break;
      this.#untilMs.delete(each);
    }
  }
}

function ranOutOfTime(error: unknown): boolean {
  const failures = (error as { failures?: readonly { readonly kind?: unknown }[] } | null)?.failures;
  return Array.isArray(failures) && failures.some(({ kind }) => kind === 'time-limit');
}

async function load(): Promise<Renderer> {
  const { createRenderer } = await import('@fuin/go-template');
  return createRenderer({ workers: WORKERS });
}
