import { KINDS, MEMBERS } from '../../packages/audit/src/kinds.ts';
import { failureRow } from '../../packages/controller/src/reconcile/status/failures.ts';
import { ERROR_CODES, type ErrorCode, SealedSecretsError } from '../../packages/crypto-core/src/errors.ts';
import { code, paragraphs, sentence, table } from './markdown.ts';

const hash = { type: 'string', pattern: '^[0-9a-f]{64}$' };
/** The members that every line has, in their order; `hash` comes last. */
const CHAIN_MEMBERS = {
  v: { says: 'Version of the format: 1. A new one would have another number', schema: { const: 1 } },
  chain: { says: 'Random UUID of the chain', schema: { type: 'string', format: 'uuid' } },
  seq: {
    says: 'Number of the line in its chain, from 1 on, without gaps',
    schema: { type: 'integer', minimum: 1 },
  },
  time: {
    says: 'When it happened: RFC 3339, UTC, with milliseconds',
    schema: { type: 'string', format: 'date-time' },
  },
  prev: { says: '`hash` of the line before; 64 zeros in the first one', schema: hash },
  kind: { says: 'What happened, from the table below', schema: { enum: Object.keys(KINDS) } },
  hash: {
    says: 'SHA-256 of the line without this member, in hexadecimal: of the bytes before `,"hash"`, and `}`',
    schema: hash,
  },
} as const;

/** Members and kinds of the lines of the audit log. */
export function auditPage(): string {
  return paragraphs(
    '# Lines of the audit log',
    'The [audit log](../audit.md) has one JSON object a line, in ASCII. A later version of Fuin may write further kinds and further\nmembers with the same `v`; none is renamed or gets another meaning.',
    '## Members of every line',
    table(
      ['Member', 'Meaning'],
      Object.entries(CHAIN_MEMBERS).map(([name, { says }]) => [code(name), sentence(says)]),
    ),
    '## Kinds',
    table(
      ['`kind`', 'Meaning', 'Members'],
      Object.entries(KINDS).map(([kind, { says, members }]) => [
        code(kind),
        sentence(says),
        members.map(code).join(', '),
      ]),
    ),
    '## Other members',
    'A member that has nothing to say is left out.',
    table(
      ['Member', 'Meaning'],
      Object.entries(MEMBERS).map(([name, { says }]) => [code(name), sentence(says)]),
    ),
    '## Reasons',
    `- Of \`secret.refused\` and \`status.refused\`: ${reasons().map(code).join(', ')}. They are those of the [conditions](conditions-and-events.md#reasons).`,
    '- Of `key.refused` and `key.unwrap-failed`: the code of the [error](../errors.md), or `InternalError`.',
    '- Of `audit.file-changed`: `replaced` (log rotation), `grown` (something else wrote into the file) or `truncated`.',
  );
}

/** The closed list of reasons why a Secret or a status was not written. */
function reasons(): string[] {
  const codes = Object.keys(ERROR_CODES) as ErrorCode[];
  const all = codes.map((each) => failureRow(new SealedSecretsError(each, '')).reason);
  return [...new Set([...all, failureRow(new Error()).reason])].sort();
}

/** A JSON schema of one line. */
export function auditSchema(): string {
  const { hash: own, ...before } = CHAIN_MEMBERS;
  const schemas = Object.entries({ ...before, ...MEMBERS, hash: own }).map(([name, { says, schema }]) => [
    name,
    { description: sentence(says), ...schema },
  ]);
  const rules = Object.entries(KINDS).map(([kind, { members }]) => ({
    if: { properties: { kind: { const: kind } } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON schema
    then: { propertyNames: { enum: [...Object.keys(CHAIN_MEMBERS), ...members] } },
  }));
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A line of the audit log of Fuin',
    type: 'object',
    required: Object.keys(CHAIN_MEMBERS),
    properties: Object.fromEntries(schemas),
    allOf: rules,
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}
