import type { AuditEvent } from '@fuin/audit';
import type { KubeObject } from '@fuin/kube/client';

/** What happened, in the words of those who know. Never a value, a ciphertext or a hash of one. */
export interface AuditNote extends Omit<AuditEvent, 'object' | 'actor'> {
  /** The object, of which only identity and version are taken; its actor is added. */
  readonly about?: { readonly kind: 'SealedSecret' | 'Secret'; readonly object: About } | undefined;
}

type About = { readonly metadata: KubeObject['metadata'] };

/** One answer to a request that opens values. */
export interface AuditedRequest {
  readonly route: string;
  /** Address of the socket, an IPv6 address as its /64. */
  readonly peer: string;
  readonly code: number;
  /** Of a bulk request: the status of each object. */
  readonly statuses?: readonly number[] | undefined;
}

/** Where the controller tells what it did. Undefined in all of its users where there is no audit log. */
export interface AuditTrail {
  /** Writes soon; never fails and never waits. */
  record(note: AuditNote): void;
  /**
   * With `--audit-failure=refuse`, resolves once the line is written; else at once, without a line.
   *
   * @throws ERR_AUDIT_UNAVAILABLE if it cannot be written
   */
  announce(note: AuditNote): Promise<void>;
  /** Counts a request; requests with the same peer and answer are one line. */
  countRequest(request: AuditedRequest): void;
}
