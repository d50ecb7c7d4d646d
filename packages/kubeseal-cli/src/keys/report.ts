import type { Failure } from '../input/tree/failures.ts';
import { jsonText } from '../output/json-text.ts';

/** Of the JSON documents. It changes only when a field changes its meaning or goes. */
const SCHEMA_VERSION = 1;

/** What a command did to one key, or found out about it. */
export interface KeyChange {
  /** Name of the key Secret. */
  readonly name: string;
  readonly fingerprint: string;
  readonly change:
    | 'created'
    | 'unchanged'
    | 'saved'
    | 'verified'
    | 'missing'
    | 'requested'
    | 'retired'
    | 'reactivated'
    | 'wrapped'
    | 'unwrapped'
    | 'rewrapped';
  /** Version of the key of a key service that wraps it now, where the service tells. */
  readonly keyVersion?: string;
}

/**
 * One JSON document about what a command did to keys (docs/commands/keys.md). It holds no private key.
 *
 * @param more fields of this command alone
 */
export function keyChangesAsJson(
  keys: readonly KeyChange[],
  failures: readonly Pick<Failure, 'where' | 'error'>[],
  isDryRun: boolean,
  more: object = {},
): string {
  const errors = failures.map(({ where, error }) => ({ key: where, message: error.message }));
  return documentOf({ dryRun: isDryRun, keys, errors, ...more });
}

/** A JSON document with its version. What a terminal obeys is escaped. */
export function documentOf(fields: object): string {
  return jsonText({ schemaVersion: SCHEMA_VERSION, ...fields });
}
