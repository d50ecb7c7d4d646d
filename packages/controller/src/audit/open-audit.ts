import {
  type AuditEvent,
  type AuditKind,
  type AuditObject,
  type Head,
  KINDS,
  type Member,
} from '@fuin/audit';
import { SealedSecretsError } from '@fuin/crypto-core';
import { RecentMap } from '@fuin/kube/recent-map';
import type { AuditConfig } from '../config/config.ts';
import { Actors } from './actors.ts';
import { FileSink } from './file-sink.ts';
import { type AuditReports, auditReports, type ReportsDeps } from './reports.ts';
import { RequestCounts } from './request-counts.ts';
import { stdoutSink } from './stdout-sink.ts';
import type { AuditedRequest, AuditNote, AuditTrail } from './trail.ts';
import { ChainWriter, type WriterDeps } from './writer.ts';

/** What an audit log needs. */
export interface AuditDeps {
  readonly config: AuditConfig;
  /** The controller's own. */
  readonly namespace: string;
  readonly identity: string;
  readonly version: string;
  readonly reports: AuditReports;
  readonly now: () => Date;
  /** Another place than the one that the flag names, for tests. */
  readonly sink?: WriterDeps['sink'];
}

/** Heads are published this often, if there are new lines. */
const ANCHOR_PERIOD_MS = 300_000;
const TICK_MS = 1_000;
/** How long a reconcile waits for its line, with `--audit-failure=refuse`. */
const ANNOUNCE_PATIENCE_MS = 5_000;
/** Refusals that are remembered, so that retries do not repeat their lines. */
const MAX_REFUSALS = 4_096;
/** Kinds of which the same reason about the same version of an object is one line. */
const TOLD_ONCE: readonly AuditEvent['kind'][] = ['secret.refused', 'status.refused'];

/** Makes the audit log of this process. */
export function createAudit(
  deps: Omit<AuditDeps, 'reports' | 'now' | 'namespace'> & Omit<ReportsDeps, 'identity'>,
): AuditLog {
  const { namespace } = deps.lease;
  return new AuditLog({ ...deps, namespace, reports: auditReports(deps), now: () => new Date() });
}

/** The audit log of one process. */
export class AuditLog implements AuditTrail {
  readonly actors = new Actors();
  readonly #deps: AuditDeps;
  readonly #writer: ChainWriter;
  readonly #requests = new RequestCounts();
  readonly #told = new RecentMap<string>(MAX_REFUSALS);
  #timer: NodeJS.Timeout | undefined;
  #head: Head | undefined;
  #anchored = { seq: 0, atMs: Number.NEGATIVE_INFINITY };

  constructor(deps: AuditDeps) {
    this.#deps = deps;
    const { reports, now, identity, version } = deps;
    const { target } = deps.config;
    this.#writer = new ChainWriter({
      onFailure: reports.onFailure,
      onRecovery: reports.onRecovery,
      onLoss: reports.onLoss,
      onWritten: (head) => {
        this.#head = head;
        reports.onWritten(head);
      },
      sink: deps.sink ?? (target === '-' ? stdoutSink : new FileSink(target)),
      now,
      started: { identity, version },
    });
  }

  /** Opens the file. What cannot be opened or written now is tried again each second. */
  start(): void {
    this.#timer = setInterval(() => void this.tick(), TICK_MS).unref();
    void this.tick();
  }

  get isFailing(): boolean {
    return this.#writer.isFailing;
  }

  record(note: AuditNote): void {
    const event = this.#eventOf(note);
    if (!this.#isRepeated(event)) this.#writer.add(event);
  }

  async announce(note: AuditNote): Promise<void> {
    if (this.#deps.config.onFailure === 'continue') return;
    if (this.#writer.isFailing) throw unavailable();
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(unavailable()), ANNOUNCE_PATIENCE_MS);
      this.#writer.add(this.#eventOf(note), (error) => {
        clearTimeout(timer);
        if (error === undefined) resolve();
        else reject(unavailable());
      });
    });
  }

  countRequest(request: AuditedRequest): void {
    this.#requests.count(request, this.#deps.now().getTime());
  }

  /** Writes what was counted, tries again what failed, and publishes the head; once a second. */
  async tick(): Promise<void> {
    const nowMs = this.#deps.now().getTime();
    for (const event of this.#requests.take(nowMs)) this.#writer.add(event);
    await this.#writer.flush();
    if (Math.abs(nowMs - this.#anchored.atMs) >= ANCHOR_PERIOD_MS) this.#anchor(nowMs);
  }

  /** Writes the last line, publishes the last head and closes the file. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const event of this.#requests.take(this.#deps.now().getTime(), true)) this.#writer.add(event);
    this.#writer.add({ kind: 'controller.stopped', identity: this.#deps.identity });
    await this.#writer.close();
    this.#anchor(this.#deps.now().getTime());
  }

  #anchor(nowMs: number): void {
    const head = this.#head;
    if (!head || head.seq === this.#anchored.seq) return;
    this.#anchored = { seq: head.seq, atMs: nowMs };
    this.#deps.reports.onAnchor(head);
  }

  #eventOf({ about, ...event }: AuditNote): AuditEvent {
    if (!about) return event;
    const actor = hasActor(event.kind) ? this.actors.of(about.object) : undefined;
    return { ...event, object: objectOf(about, this.#deps.namespace), ...(actor && { actor }) };
  }

  /** A retry that fails like the attempt before it needs no line. */
  #isRepeated({ kind, object, reason = '' }: AuditEvent): boolean {
    if (!object) return false;
    const { namespace, name, uid, generation } = object;
    const place = `${namespace}/${name}`;
    if (kind === 'sealedsecret.opened') this.#told.delete(`secret.refused ${place}`);
    if (!TOLD_ONCE.includes(kind)) return false;
    const told = `${uid} ${generation} ${reason}`;
    if (this.#told.get(`${kind} ${place}`) === told) return true;
    this.#told.set(`${kind} ${place}`, told);
    return false;
  }
}

function hasActor(kind: AuditKind): boolean {
  const members: readonly Member[] = KINDS[kind].members;
  return members.includes('actor');
}

function objectOf({ kind, object }: NonNullable<AuditNote['about']>, home: string): AuditObject {
  const { namespace = home, name = '', uid, generation, resourceVersion } = object.metadata;
  return { kind, namespace, name, uid, generation, resourceVersion };
}

function unavailable(): SealedSecretsError {
  return new SealedSecretsError(
    'ERR_AUDIT_UNAVAILABLE',
    'the audit log cannot be written, and --audit-failure=refuse',
  );
}
