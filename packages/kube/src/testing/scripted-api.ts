import type { ApiClient, KubeObject, ListQuery, ObjectPage, WatchEvent } from '../client/types.ts';
import { ApiFailure, apiError } from '../transport/api-failure.ts';
import { settle } from './fake-clock.ts';

/** One watch that a test feeds. */
export interface ScriptedWatch {
  readonly query: ListQuery;
  readonly signal: AbortSignal;
  send(type: WatchEvent['type'], object: KubeObject): Promise<void>;
  end(): Promise<void>;
  fail(error: Error): Promise<void>;
}

/** An object of a test, in namespace n. */
export function object(name: string, resourceVersion: string, fields: object = {}): KubeObject {
  return { metadata: { namespace: 'n', name, resourceVersion, uid: `uid-${name}` }, ...fields };
}

/** The error of an answer with this status. */
export function refusal(status: number, retryAfterMs?: number): Error {
  return apiError(`status ${status}`, new ApiFailure(status, '', retryAfterMs));
}

/** An API client whose lists a test answers and whose watches it feeds; anything else is refused. */
export class ScriptedApi implements ApiClient {
  /** Answers of the next lists, in order; the last one stays. */
  lists: (ObjectPage | Error)[] = [];
  /** Errors of the next watches, in order; after them watches succeed. */
  watchErrors: Error[] = [];
  readonly listQueries: ListQuery[] = [];
  readonly watches: ScriptedWatch[] = [];

  async list(_resource: unknown, query: ListQuery): Promise<ObjectPage> {
    this.listQueries.push(query);
    const answer = this.lists.length > 1 ? this.lists.shift() : this.lists[0];
    if (!answer || answer instanceof Error) throw answer ?? refusal(503);
    return answer;
  }

  async *watch(_resource: unknown, query: ListQuery, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const queue: (WatchEvent | Error | undefined)[] = [];
    let wake = (): void => undefined;
    const push = (entry: WatchEvent | Error | undefined): Promise<void> => {
      queue.push(entry);
      wake();
      return settle();
    };
    const send = (type: WatchEvent['type'], sent: KubeObject) => push({ type, object: sent });
    this.watches.push({ query, signal, send, end: () => push(undefined), fail: push });
    signal.addEventListener('abort', () => wake());
    const refused = this.watchErrors.shift();
    if (refused) throw refused;
    while (!signal.aborted) {
      while (queue.length > 0) {
        const entry = queue.shift();
        if (entry instanceof Error) throw entry;
        if (!entry) return;
        yield entry;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  /** The watch opened last. */
  get lastWatch(): ScriptedWatch {
    const watch = this.watches.at(-1);
    if (!watch) throw new Error('no watch was opened');
    return watch;
  }

  get: ApiClient['get'] = refuseAll;
  create: ApiClient['create'] = refuseAll;
  replace: ApiClient['replace'] = refuseAll;
  patch: ApiClient['patch'] = refuseAll;
  delete: ApiClient['delete'] = refuseAll;
  close = (): Promise<void> => Promise.resolve();
}

function refuseAll(): Promise<never> {
  return Promise.reject(refusal(405));
}
