import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

const SCHEMA = new URL('../../docs/reference/audit-log.schema.json', import.meta.url);
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const validate = new Ajv2020({
  ...{ allErrors: true, strict: true, strictRequired: false },
  formats: { uuid: UUID, 'date-time': DATE_TIME },
}).compile(JSON.parse(readFileSync(SCHEMA, 'utf8')));

/** What the published JSON schema says against a line of an audit log; empty for nothing. */
export function schemaProblems(line: unknown): string[] {
  if (validate(line)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) =>
    [instancePath, message, JSON.stringify(params)].join(' '),
  );
}
