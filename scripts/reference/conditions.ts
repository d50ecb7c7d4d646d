import { type FailureRow, failureRow } from '../../packages/controller/src/reconcile/status/failures.ts';
import { ERROR_CODES, type ErrorCode, SealedSecretsError } from '../../packages/crypto-core/src/errors.ts';
import { code, paragraphs, sentence, table } from './markdown.ts';

const RETRY: Readonly<Record<FailureRow['retry'], string>> = {
  change: 'when the SealedSecret or its Secret changes',
  'change-or-key': 'when the SealedSecret or its Secret changes, or a sealing key is added',
  'change-or-signers': 'when the SealedSecret or its Secret changes, or other people may sign',
  'back-off':
    'automatically: `--max-unseal-retries` times quickly, then with pauses from 1 second to 5 minutes',
  slow: 'automatically, with pauses from 1 second to 5 minutes',
};
const BUG = 'an unexpected error; the log says where. Please report it';

/** An event that the controller writes. */
export interface EventRow {
  readonly reason: string;
  readonly type: 'Normal' | 'Warning';
  readonly on: 'SealedSecret' | 'key Secret' | 'Lease';
  readonly meaning: string;
}

export const EVENTS: readonly EventRow[] = [
  {
    reason: 'Unsealed',
    type: 'Normal',
    on: 'SealedSecret',
    meaning: 'The Secret was created or updated, or was up to date.',
  },
  {
    reason: 'ErrUnsealFailed',
    type: 'Warning',
    on: 'SealedSecret',
    meaning: 'The SealedSecret cannot be opened. The message is that of the condition.',
  },
  {
    reason: 'ErrUpdateFailed',
    type: 'Warning',
    on: 'SealedSecret',
    meaning: 'The Secret cannot be written. The message is that of the condition.',
  },
  {
    reason: 'ValueExpired',
    type: 'Warning',
    on: 'SealedSecret',
    meaning:
      'Values are past the expiry that their sealer set. The Secret is kept in sync all the same (`--expiry-policy=warn`).',
  },
  {
    reason: 'SignerRequired',
    type: 'Warning',
    on: 'SealedSecret',
    meaning:
      'No allowed signer signed the SealedSecret. The Secret is kept in sync all the same (`--require-signer=warn`).',
  },
  {
    reason: 'DriftDetected',
    type: 'Warning',
    on: 'SealedSecret',
    meaning: 'Something else modified the Secret. `--drift-policy` decides whether it is restored.',
  },
  {
    reason: 'StatusPruned',
    type: 'Warning',
    on: 'SealedSecret',
    meaning:
      'The CRD in the cluster is not the one of this controller and drops `status.lastUnseal`. Written once.',
  },
  {
    reason: 'ErrKeyInvalid',
    type: 'Warning',
    on: 'key Secret',
    meaning: 'The Secret has the label of a sealing key but cannot be used as one. All other keys are used.',
  },
  {
    reason: 'ErrKeyLocked',
    type: 'Warning',
    on: 'key Secret',
    meaning:
      'A key service does not unwrap the key. Keys that are loaded work on, and the controller tries again.',
  },
  {
    reason: 'KeyLost',
    type: 'Warning',
    on: 'key Secret',
    meaning: 'A sealing key that SealedSecrets need was removed. Restore it, or seal the values again.',
  },
  {
    reason: 'AuditAnchor',
    type: 'Normal',
    on: 'Lease',
    meaning:
      'The last line of the audit log of a replica, by its hash: what `--head` of `kubeseal audit verify` takes. At the start, every five minutes if there are new lines, and at the end.',
  },
  {
    reason: 'AuditFailing',
    type: 'Warning',
    on: 'Lease',
    meaning: 'The audit log cannot be written. The log says why, and the controller tries again each second.',
  },
];

/** Conditions, their reasons, and events. */
export function conditionsPage(events: readonly EventRow[]): string {
  const codes = Object.keys(ERROR_CODES) as ErrorCode[];
  const bug = failureRow(new Error());
  const rows = codes
    .map((each) => ({ each, row: failureRow(new SealedSecretsError(each, '')) }))
    .filter(({ row }) => row.reason !== bug.reason);
  return paragraphs(
    '# Conditions and events',
    '## Conditions',
    `A SealedSecret has two conditions. \`Synced\` comes first and is the condition of upstream, in upstream's words. \`Ready\`
follows for tools that look for a condition of that name. Both are \`True\` if the Secret is what the SealedSecret says, and
\`False\` with reason and message if not. If values cannot be opened, the message of \`Ready\` also says why, as far as there
is evidence in the object itself: a value that was cut or is not sealed, another name or namespace in the template, a value
that opens under another scope, a sealing note about a key that the controller does not have. The status is written after the first failure, except when the failure usually
passes by itself; then it is written once the quick retries have failed.`,
    '## Reasons',
    table(
      ['`reason`', 'Meaning', 'Tried again', 'Event', '`reason` in `unseal_errors_total`', 'Code'],
      [
        [code('Unsealed'), 'The Secret is up to date.', '', code('Unsealed'), '', ''],
        [
          `${code('ValueExpired')} with \`Ready\` true`,
          'The Secret is up to date, and values are past their expiry.',
          '',
          code('ValueExpired'),
          '',
          '',
        ],
        [
          `${code('SignerRequired')} with \`Ready\` true`,
          'The Secret is up to date, and no allowed signer signed the SealedSecret.',
          '',
          code('SignerRequired'),
          '',
          '',
        ],
        ...rows.map(({ each, row }) => reasonRow(row, ERROR_CODES[each], `[${code(each)}](../errors.md)`)),
        reasonRow(bug, BUG, ''),
      ],
    ),
    '## Events',
    table(
      ['Reason', 'Type', 'On', 'Meaning'],
      events.map(({ reason, type, on, meaning }) => [code(reason), type, on, meaning]),
    ),
  );
}

function reasonRow(
  { reason, retry, event, metric }: FailureRow,
  meaning: string,
  errorCode: string,
): string[] {
  return [code(reason), sentence(meaning), RETRY[retry], code(event), code(metric), errorCode];
}
