import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readSettings } from '../../packages/kubeseal-cli/src/invocation/settings/read-settings.ts';
import { settingsSchema } from './settings.ts';

const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(JSON.parse(settingsSchema()));
const FINGERPRINT = `SHA256:${'a'.repeat(43)}`;

function isRead(text: string): boolean {
  try {
    readSettings(Buffer.from(text), 'f');
    return true;
  } catch {
    return false;
  }
}

describe('the JSON schema of .kubeseal.yaml', () => {
  it.each([
    `clusters: {a: {context: x, certificate: c.pem, fingerprint: "${FINGERPRINT}", controllerName: s, controllerNamespace: n}}`,
    'clusters: {a: {certificate: c.pem}}\nrules: []',
    'clusters: {a: {context: x}}\nrules: [{paths: [b, "c/**"], cluster: a, namespace: n, scope: strict, format: json, requiredLabels: [team]}]',
    'clusters: {a: {context: x}}\noutput: "{cluster}.yaml"',
  ])('accepts what kubeseal reads: %s', (text) => {
    expect({ schema: validate(parse(text)), kubeseal: isRead(text) }).toEqual({
      schema: true,
      kubeseal: true,
    });
  });
  it.each([
    'rules: []',
    'clusters: {a: {}}',
    'clusters: {a: {context: x, fingerprint: SHA256:x}}',
    'clusters: {a: {context: x, certficate: y}}',
    'clusters: {a: {context: 5}}',
    'clusters: {a: {context: ""}}',
    'clusters: {"a/b": {context: x}}',
    'clusters: {a: {context: x}}\nother: 1',
    'clusters: {a: {context: x}}\nrules: [{paths: [b]}]',
    'clusters: {a: {context: x}}\nrules: [{paths: [], cluster: a}]',
    'clusters: {a: {context: x}}\nrules: [{paths: [b], cluster: a, scope: wide}]',
    'clusters: {a: {context: x}}\nrules: {}',
  ])('refuses what kubeseal refuses: %s', (text) => {
    expect({ schema: validate(parse(text)), kubeseal: isRead(text) }).toEqual({
      schema: false,
      kubeseal: false,
    });
  });
});
