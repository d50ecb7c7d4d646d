import { visible } from '@fuin/crypto-core/errors';
import { recordOf } from '../record.ts';

/** The strings of a Status object about a refusal. Hostile: a webhook may have written all of it. */
export interface Refusal {
  /** HTTP status of the answer. */
  readonly status: number;
  /** Known reason of the Status object, or empty. */
  readonly reason: string;
  readonly message: string;
  /** `details.causes` */
  readonly causes: readonly unknown[];
}

/**
 * What may be reported of a refused request for a Secret. The words of the API server are repeated only where
 * they have a form that leaves no room for a value. Webhooks and policies see the values and may quote them
 * in any form (trimmed, decoded, a line, a prefix), so only their names are reported. The cost depends on the
 * message alone, never on the Secret.
 */
export function secretRefusal(refusal: Refusal): string {
  const message = refusal.message.slice(0, LONGEST_FORM);
  for (const form of FORMS) {
    const [words] = form.exec(message) ?? [];
    if (words !== undefined) return visible(words + moreOf(form, refusal));
  }
  const { status, reason } = refusal;
  return `the API server refused the Secret with HTTP status ${status}${reason && ` (${reason})`}; its words are left out, since they may quote a value`;
}

const LONGEST_FORM = 4_096;
const NAMED = `"[-a-z0-9.]{0,253}"`;
const FORBIDDEN = `^secrets(?: ${NAMED})? is forbidden`;
const AMOUNT = String.raw`[-\w./]{1,100}=\d{1,20}[A-Za-z]{0,2}`;
const AMOUNTS = `${AMOUNT}(?:,${AMOUNT}){0,20}`;
const USER = String.raw`"[^"\\\n]{1,253}"`;
const POLICY = "'[-a-z0-9.]{1,253}'";

const INVALID = new RegExp(`^Secret ${NAMED} is invalid`);
const WEBHOOK_FAILED = new RegExp(`^Internal error occurred: failed calling webhook ${NAMED}`);

/**
 * Beginnings of messages. What follows the longest match is dropped. A webhook's own words never come first.
 */
const FORMS: readonly RegExp[] = [
  new RegExp(`^admission webhook ${NAMED} denied the request`),
  WEBHOOK_FAILED,
  new RegExp(
    `${FORBIDDEN}: exceeded quota: [-a-z0-9.]{1,253}, requested: ${AMOUNTS}, used: ${AMOUNTS}, limited: ${AMOUNTS}`,
  ),
  new RegExp(
    `${FORBIDDEN}: User ${USER} cannot [a-z]{1,20} resource "secrets" in API group "" (?:in the namespace ${NAMED}|at the cluster scope)`,
  ),
  new RegExp(`${FORBIDDEN}: ValidatingAdmissionPolicy ${POLICY}(?: with binding ${POLICY})? denied request`),
  new RegExp(
    `${FORBIDDEN}: unable to create new content in namespace [-a-z0-9]{1,63} because it is being terminated`,
  ),
  new RegExp(`${FORBIDDEN}: cannot set an ownerRef on a resource you can't delete`),
  new RegExp(
    `${FORBIDDEN}: cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on`,
  ),
  new RegExp(FORBIDDEN),
  INVALID,
  new RegExp(`^(?:secrets|namespaces) ${NAMED} (?:already exists|not found)`),
  new RegExp(
    `^Operation cannot be fulfilled on secrets ${NAMED}(?:: the object has been modified; please apply your changes to the latest version and try again)?`,
  ),
  /^etcdserver: [a-z][a-z, ]{0,80}$/,
  /^rpc error: code = (?:Aborted|Canceled|DataLoss|DeadlineExceeded|FailedPrecondition|Internal|InvalidArgument|NotFound|OutOfRange|ResourceExhausted|Unavailable|Unknown)(?: desc = trying to send message larger than max \(\d+ vs\. \d+\))?/,
  /^Request entity too large: limit is \d+/,
  /^Timeout: request did not complete within requested timeout/,
  /^Secret in version "v1" cannot be handled as a Secret/,
  /^the server (?:is currently unable to handle the request|could not find the requested resource|has received too many requests and has asked us to try again later|was unable to return a response in the time allotted, but may still be processing the request)/,
  /^(?:Timeout: )?Too large resource version: \d{1,30}, current: \d{1,30}/,
  /^The (?:provided continue parameter|resourceVersion for the provided (?:list|watch)) is too old/,
  /^(?:Unauthorized|Too many requests, please try again later\.|Internal error occurred|too old resource version)/,
];

function moreOf(form: RegExp, { message, causes }: Refusal): string {
  if (form === INVALID) return fieldsOf(causes);
  const why = form === WEBHOOK_FAILED && WEBHOOK_FAILURES.find((each) => message.includes(each));
  return why ? `: ${why}` : '';
}

/** Why a webhook cannot be called. */
const WEBHOOK_FAILURES = [
  'connection refused',
  'no endpoints available',
  'no such host',
  'certificate signed by unknown authority',
  'certificate has expired or is not yet valid',
  'context deadline exceeded',
  'i/o timeout',
  'the server could not find the requested resource',
];

const MAX_FIELDS = 20;
const LONGEST_FIELD = 300;
/** A path in a Secret, maybe cut. An item in brackets may have any name. */
const FIELD = /^(?:metadata|data|type|immutable)(?:\.[A-Za-z]+|\[[^\]]*\]?)*/;

/** What a field error says of a field, without its value. */
const FIELD_FAULTS: Readonly<Record<string, string>> = {
  FieldValueInvalid: 'Invalid value',
  FieldValueTypeInvalid: 'Invalid value',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  FieldValueNotFound: 'Not found',
};

/** Rules that field errors of Secrets end with. */
const RULES: readonly RegExp[] = [
  /field is immutable when `immutable` is set/,
  /field is immutable/,
  /may not be more than \d{1,9} bytes/,
  /must have at most \d{1,9} bytes/,
  /must be no more than \d{1,9} (?:bytes|characters)/,
  /a valid config key must consist of alphanumeric characters, '-', '_' or '\.'/,
  /a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '\.'/,
  /(?:name|prefix) part must consist of alphanumeric characters/,
];

/** Path, fault and rule of each field. Only the server's own validation speaks of fields here. */
function fieldsOf(causes: readonly unknown[]): string {
  const listed = causes.slice(0, MAX_FIELDS).flatMap((cause) => {
    const { field, reason, message } = recordOf(cause);
    const path = typeof field === 'string' && FIELD.exec(field.slice(0, LONGEST_FIELD))?.[0];
    if (!path || typeof reason !== 'string') return [];
    const said = typeof message === 'string' ? message.slice(0, LONGEST_FORM) : '';
    const rule = RULES.map((each) => each.exec(said)?.[0]).find((each) => each !== undefined);
    return [[path, FIELD_FAULTS[reason], rule].filter(Boolean).join(': ')];
  });
  if (causes.length > MAX_FIELDS) listed.push(`and ${causes.length - MAX_FIELDS} more fields`);
  if (listed.length === 0) return '';
  return `: ${listed.length === 1 ? listed[0] : `[${listed.join(', ')}]`}`;
}
