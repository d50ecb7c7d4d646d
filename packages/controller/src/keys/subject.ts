import { createHash } from 'node:crypto';
import type { KeySubject } from './generation.ts';

/** Longest commonName (RFC 5280, ub-common-name). */
const LONGEST_COMMON_NAME = 64;
const MARK_DIGITS = 12;

/** The subject of new certificates: which controller it is, and of which cluster. */
export function subjectOf(name: string, namespace: string, clusterMark: string): KeySubject {
  return {
    commonName: `${name}.${namespace}`.slice(0, LONGEST_COMMON_NAME),
    organization: clusterMark === '' ? '' : `cluster ${clusterMark}`,
  };
}

/**
 * Digits that identify a cluster: a part of the SHA-256 of its certificate authority, which clusters do not
 * share and which everyone who connects can see.
 *
 * @param authority PEM text; empty gives no mark
 */
export function clusterMarkOf(authority: string | Uint8Array): string {
  const text = Buffer.from(authority).toString('latin1').replaceAll('\r', '').trim();
  return text === '' ? '' : createHash('sha256').update(text).digest('hex').slice(0, MARK_DIGITS);
}
