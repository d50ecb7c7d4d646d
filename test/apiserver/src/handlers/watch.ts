import type { ServerResponse } from 'node:http';
import { type Presentation, presentObject } from '../encoding/presentation.ts';
import type { Faults, WatchEventFault } from '../faults/faults.ts';
import { apiVersionOf, type ResourceKind } from '../kinds/kind.ts';
import { errors } from '../objects/status-errors.ts';
import type { Selection } from '../storage/list.ts';
import type { Collection, Store, StoredObject, WriteRecord } from '../storage/storage.ts';

type EventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';

/** What a watch request asks for. */
export interface WatchRequest {
  readonly kind: ResourceKind;
  readonly collection: Collection;
  readonly selection: Selection;
  readonly query: URLSearchParams;
  readonly how: Presentation;
}

/** Settings shared by all watches of a server. */
export interface WatchSettings {
  readonly store: Store;
  readonly faults: Faults;
  readonly bookmarkIntervalMs: number;
}

const DEFAULT_TIMEOUT_SECONDS = 1800;

/** One open watch: writes events to its response until it is closed. */
class WatchStream {
  #response: ServerResponse;
  #request: WatchRequest;
  #settings: WatchSettings;
  #unsubscribe = () => {};
  #timers: NodeJS.Timeout[] = [];
  #held: string | undefined;
  #queue: Promise<void> | undefined;
  #isOpen = true;
  #sentRevision = 0;

  constructor(response: ServerResponse, request: WatchRequest, settings: WatchSettings) {
    this.#response = response;
    this.#request = request;
    this.#settings = settings;
  }

  start(): void {
    const { collection, query } = this.#request;
    const version = query.get('resourceVersion') ?? '';
    const sendInitialEvents = query.get('sendInitialEvents');
    this.#sentRevision = Number(version);
    const isFromState =
      sendInitialEvents === 'true' || (sendInitialEvents === null && (version === '' || version === '0'));
    if (isFromState) this.#sendState(sendInitialEvents === 'true');
    else if (version !== '' && version !== '0')
      for (const record of collection.recordsAfter(Number(version))) this.#onRecord(record);
    this.#unsubscribe = collection.subscribe((record) => this.#onRecord(record));
    this.#startTimers();
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#unsubscribe();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#response.end();
  }

  #startTimers(): void {
    const timeoutMs = Number(this.#request.query.get('timeoutSeconds') ?? DEFAULT_TIMEOUT_SECONDS) * 1000;
    this.#timers.push(setTimeout(() => this.close(), timeoutMs));
    if (!['true', '1'].includes(this.#request.query.get('allowWatchBookmarks') ?? '')) return;
    const beforeEndMs = Math.max(0, timeoutMs - 2000);
    this.#timers.push(setTimeout(() => this.#sendBookmark(), beforeEndMs));
    this.#timers.push(setInterval(() => this.#sendBookmark(), this.#settings.bookmarkIntervalMs));
  }

  #sendState(isMarked: boolean): void {
    for (const stored of this.#request.collection.list()) {
      if (this.#request.selection.matches(stored)) this.#sendObject('ADDED', stored);
    }
    if (isMarked) this.#sendBookmark({ 'k8s.io/initial-events-end': 'true' });
  }

  #onRecord({ type, current, previous }: WriteRecord): void {
    const { matches } = this.#request.selection;
    const isIn = type !== 'DELETED' && matches(current);
    const wasIn = previous !== undefined && matches(previous);
    if (isIn) this.#sendObject(wasIn ? 'MODIFIED' : 'ADDED', current);
    else if (wasIn) this.#sendObject('DELETED', current);
  }

  #sendObject(type: EventType, stored: StoredObject): void {
    const { kind, how, query } = this.#request;
    const { name, namespace = '' } = stored.object.metadata;
    this.#sentRevision = Math.max(this.#sentRevision, stored.revision);
    const line = `{"type":"${type}","object":${presentObject(stored, kind, how, query)}}\n`;
    this.#deliver(line, this.#settings.faults.takeWatchFault({ kind: kind.kind, namespace, name, type }));
  }

  /** A bookmark goes out only when it tells a version the client does not know. */
  #sendBookmark(annotations?: Record<string, string>): void {
    const { revision } = this.#settings.store;
    if (!annotations && revision <= this.#sentRevision) return;
    this.#sentRevision = revision;
    const { kind, how } = this.#request;
    const metadata = {
      resourceVersion: String(revision),
      creationTimestamp: null,
      ...(annotations ? { annotations } : {}),
    };
    const type = { kind: kind.kind, apiVersion: apiVersionOf(kind) };
    const plain = { ...type, metadata };
    const partial = { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${how.version}`, metadata };
    const row = { cells: kind.columns.map(() => null), object: partial };
    const table = {
      kind: 'Table',
      apiVersion: `meta.k8s.io/${how.version}`,
      metadata,
      columnDefinitions: [],
      rows: [row],
    };
    const object = how.as === 'Table' ? table : how.as === 'PartialObjectMetadata' ? partial : plain;
    const fault = this.#settings.faults.takeWatchFault({
      kind: kind.kind,
      namespace: '',
      name: '',
      type: 'BOOKMARK',
    });
    this.#deliver(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`, fault);
  }

  #deliver(line: string, fault: WatchEventFault | undefined): void {
    if (fault?.action === 'drop') return;
    if (fault?.action === 'delay') {
      const wait = new Promise<void>((resolve) => this.#timers.push(setTimeout(resolve, fault.delayMs)));
      this.#queue = (this.#queue ?? Promise.resolve()).then(() => wait);
    }
    if (fault?.action === 'reorder' && this.#held === undefined) {
      this.#held = line;
      return;
    }
    const lines = `${line}${fault?.action === 'duplicate' ? line : ''}${this.#held ?? ''}`;
    this.#held = undefined;
    if (!this.#queue) this.#write(lines);
    else this.#queue = this.#queue.then(() => this.#write(lines));
  }

  #write(lines: string): void {
    if (this.#isOpen && !this.#settings.faults.isHalfOpen) this.#response.write(lines);
  }
}

/** Every open watch of the server. */
export class WatchHub {
  #streams = new Set<WatchStream>();
  #settings: WatchSettings;

  constructor(settings: WatchSettings) {
    this.#settings = settings;
  }

  get size(): number {
    return this.#streams.size;
  }

  /** Answers a watch request. @throws 410 when expired versions are refused by status */
  open(response: ServerResponse, request: WatchRequest): void {
    const version = Number(request.query.get('resourceVersion') ?? 0);
    const isExpired = version !== 0 && version < request.collection.compactedRevision;
    const refusal = errors.expired(
      `too old resource version: ${version} (${request.collection.compactedRevision + 1})`,
    );
    if (isExpired && this.#settings.faults.expiredWatch === 'status') throw refusal;
    response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private' });
    response.flushHeaders();
    if (isExpired) {
      response.end(`${JSON.stringify({ type: 'ERROR', object: refusal.status })}\n`);
      return;
    }
    const stream = new WatchStream(response, request, this.#settings);
    this.#streams.add(stream);
    response.once('close', () => {
      stream.close();
      this.#streams.delete(stream);
    });
    stream.start();
  }

  /** Ends every watch as the server does at its timeout. */
  closeAll(): void {
    for (const stream of this.#streams) stream.close();
  }
}
