import { type ApiClient, type KubeObject, SECRETS } from '@fuin/kube/client';
import { backoffDelayMs } from '@fuin/kube/time';
import { describeError, type Logger } from '../log.ts';
import { KEY_LABELS, REFUSED } from './key-secret.ts';

const PAUSES = { baseMs: 500, capMs: 300_000, spread: 0 };

/** What a permanent refusal needs. */
export interface RefusalsDeps {
  readonly api: Pick<ApiClient, 'get' | 'replace'>;
  readonly log: Logger;
  /** Keeps no process alive. */
  readonly sleep: (delayMs: number) => Promise<void>;
}

/**
 * Key Secrets that must never be used. The mark by which such a Secret is recognised can be removed by its
 * author. So the refusal is written on the Secret itself, where it holds for every controller and after
 * restarts. Until that has succeeded, the Secret is known by its uid.
 */
export class Refusals {
  readonly #deps: RefusalsDeps;
  readonly #unwritten = new Set<string>();

  constructor(deps: RefusalsDeps) {
    this.#deps = deps;
  }

  /** Whether the Secret was refused before, even if it does not say so yet. */
  has({ metadata }: KubeObject): boolean {
    return this.#unwritten.has(metadata.uid ?? '');
  }

  /** Refuses a Secret and writes that on it. Tries until it is written or the Secret is deleted. */
  async refuse(secret: KubeObject): Promise<void> {
    const { uid = '' } = secret.metadata;
    if (this.#unwritten.has(uid)) return;
    this.#unwritten.add(uid);
    for (let failures = 1; !(await this.#write(secret)); failures += 1)
      await this.#deps.sleep(backoffDelayMs(PAUSES, failures, Math.random));
    this.#unwritten.delete(uid);
  }

  async #write({ metadata: { namespace = '', name = '', uid } }: KubeObject): Promise<boolean> {
    const { api, log } = this.#deps;
    try {
      const live = await api.get(SECRETS, { namespace, name });
      if (!live || live.metadata.uid !== uid) return true;
      const before = live.metadata.labels ?? {};
      const carried = KEY_LABELS.filter((label) => before[label] !== undefined);
      const marks = (carried.length > 0 ? carried : KEY_LABELS.slice(0, 1)).map((label) => [label, REFUSED]);
      const labels: Record<string, string> = { ...before, ...Object.fromEntries(marks) };
      if (marks.every(([label = '']) => before[label] === REFUSED)) return true;
      await api.replace(SECRETS, { ...live, metadata: { ...live.metadata, labels } });
      log.warn('key marked as refused', { secret: name });
      return true;
    } catch (error) {
      log.warn('key cannot be marked as refused, will retry', { secret: name, ...describeError(error) });
      return false;
    }
  }
}
