import { CORE_ROWS } from './accepted-core.ts';
import { NO_MATCH, NO_OTHER_ERROR, NO_TWICE, type Rows, SOMETHING } from './reasons.ts';
import type { Accepted } from './verdict.ts';

const CONTROLLER = 'packages/controller/src';
const RECONCILE = `${CONTROLLER}/reconcile`;
const HTTP = `${CONTROLLER}/http`;

const ROWS: Rows = {
  ...CORE_ROWS,
  [`${RECONCILE}/sync-secret.ts`]: [
    ['known?.expired', 'known.expired', 'a difference is left alone only in what was known'],
  ],
  [`${RECONCILE}/secret/written.ts`]: [
    ['[]', SOMETHING, 'an entry that is a text has no manager, and no item or label has such a name'],
  ],
  [`${RECONCILE}/status/conditions.ts`]: [
    ["typeof message === 'string'", 'true', 'a list of one message reads like that message'],
    ['[]', SOMETHING, NO_MATCH],
  ],
  [`${RECONCILE}/status/last-unseal.ts`]: [
    ['this.#earlier.delete(keyText(key));', ';', 'of an object without memory only its status counts'],
    ['own?.generation', 'own.generation', 'there is a memory of each object of an earlier term'],
    ["secret === 'absent'", 'false', 'a text has no uid'],
  ],
  [`${RECONCILE}/status/status.ts`]: [['a < b', 'a <= b', NO_TWICE]],
  [`${RECONCILE}/secret/plan.ts`]: [
    ['[]', SOMETHING, 'of an owner only the uid counts, and a text has none'],
  ],
  [`${RECONCILE}/value-rules.ts`]: [
    ["typeof text === 'string'", 'true', 'what is no text has no facts either'],
    ['[]', SOMETHING, 'what is no value of a known format has no facts'],
    ['{\n    return undefined;\n  }', '{}', 'a function without a return returns the same'],
  ],
  [`${HTTP}/limits/body-cost.ts`]: [
    ['at < json.length', 'at <= json.length', 'behind the last byte there is none that counts'],
  ],
  [`${HTTP}/limits/bulk-body.ts`]: [
    ['error instanceof SealedSecretsError', 'true', NO_OTHER_ERROR],
    [
      '{\n    if (error instanceof SealedSecretsError) return undefined;\n    throw error;\n  }',
      '{}',
      NO_OTHER_ERROR,
    ],
  ],
  [`${HTTP}/limits/guard.ts`]: [
    [
      'socket.destroyed',
      'false',
      'saves work for a peer that hangs up between its body and its turn to wait, which no test can time',
    ],
    ['onClose();', ';', 'the same'],
  ],
  [`${HTTP}/limits/peer.ts`]: [
    ['/%.*$/', '/%.*/', 'an address is one line'],
    ['[]', SOMETHING, 'the last group of an address is not among the first four'],
  ],
  [`${HTTP}/limits/rate-limit.ts`]: [
    [
      'waitMs <= ROUNDING * this.#intervalMs',
      'waitMs < ROUNDING * this.#intervalMs',
      'a rounding error of exactly the bound',
    ],
    ['busyMs <= FREE_BUSY_MS', 'busyMs < FREE_BUSY_MS', 'nothing beyond the bound costs nothing'],
  ],
  [`${HTTP}/limits/body.ts`]: [
    ['/^\\s*\\{/', '/\\s*\\{/', 'what is no JSON is read as YAML anyway'],
    ['false', 'true', 'how errors look that nobody prints, and whether there are keys before the first'],
    ['aliases > MAX_ALIASES', 'aliases >= MAX_ALIASES', 'the parser itself refuses the 100th'],
    ['aliases <= MAX_ALIASES', 'aliases < MAX_ALIASES', 'the parser itself refuses the 100th'],
    ['{ maxAliasCount: MAX_ALIASES }', '{}', "the parser's own limit is the same"],
  ],
  [`${HTTP}/routes/recipients.ts`]: [
    ['/\\.\\d+Z$/', '/\\.\\d+Z/', 'a time in ISO 8601 has one fraction, at its end'],
  ],
  [`${HTTP}/routes/web.ts`]: [
    ['[]', SOMETHING, 'of a list without a match, only entries behind the first count'],
  ],
};

/** Mutants that live because they change nothing that anyone can see. */
export const ACCEPTED: readonly Accepted[] = Object.entries(ROWS).flatMap(([file, rows]) =>
  rows.map(([original, replacement, reason]) => ({ file, original, replacement, reason })),
);
