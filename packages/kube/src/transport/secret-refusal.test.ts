import { describe, expect, it } from 'vitest';
import { secretRefusal } from './secret-refusal.ts';

const told = (message: string, causes: readonly unknown[] = []) =>
  secretRefusal({ status: 403, reason: 'Forbidden', message, causes });
const LEFT_OUT =
  'the API server refused the Secret with HTTP status 403 (Forbidden); its words are left out, since they may quote a value';

describe('secretRefusal', () => {
  // messages of a real kube-apiserver, word for word
  it.each([
    'secrets "db" is forbidden: exceeded quota: few, requested: count/secrets=1, used: count/secrets=3, limited: count/secrets=3',
    'secrets "db" is forbidden: User "system:serviceaccount:home:sealed-secrets-controller" cannot create resource "secrets" in API group "" in the namespace "shop"',
    'secrets is forbidden: User "system:anonymous" cannot list resource "secrets" in API group "" at the cluster scope',
    'secrets "db" is forbidden: unable to create new content in namespace shop because it is being terminated',
    'secrets "db" already exists',
    'namespaces "shop" not found',
    'Operation cannot be fulfilled on secrets "db": the object has been modified; please apply your changes to the latest version and try again',
    'etcdserver: request is too large',
    'Request entity too large: limit is 3145728',
    'the server is currently unable to handle the request',
    'Unauthorized',
  ])('repeats %s', (message) => {
    expect(told(message)).toBe(message);
  });

  it.each([
    [
      `secrets "db" is forbidden: cannot set an ownerRef on a resource you can't delete: , <nil>`,
      `secrets "db" is forbidden: cannot set an ownerRef on a resource you can't delete`,
    ],
    [
      `secrets "db" is forbidden: ValidatingAdmissionPolicy 'strong' with binding 'all' denied request: hunter2 is weak`,
      `secrets "db" is forbidden: ValidatingAdmissionPolicy 'strong' with binding 'all' denied request`,
    ],
    [
      'admission webhook "w.example.com" denied the request: hunter2 is weak',
      'admission webhook "w.example.com" denied the request',
    ],
    ['secrets "db" is forbidden: hunter2 is weak', 'secrets "db" is forbidden'],
    [
      'Internal error occurred: failed calling webhook "w.example.com": failed to call webhook: Post "https://w.shop.svc:443/?timeout=10s": dial tcp 10.0.0.1:443: connect: connection refused',
      'Internal error occurred: failed calling webhook "w.example.com": connection refused',
    ],
    [
      'Internal error occurred: failed calling webhook "w.example.com": hunter2',
      'Internal error occurred: failed calling webhook "w.example.com"',
    ],
    ['Internal error occurred: hunter2', 'Internal error occurred'],
    [
      'secrets "db" is forbidden: exceeded quota: few, requested: x=hunter2, used: x=1, limited: x=2',
      'secrets "db" is forbidden',
    ],
  ])('ends before the words that may quote a value: %s', (message, expected) => {
    expect(told(message)).toBe(expected);
  });

  it.each([
    'hunter2',
    'hunter2: Unauthorized',
    'admission webhook "hunter2 x" denied the request',
    'exceeded quota: hunter2',
    'etcdserver: hunter2',
    'rpc error: code = hunter2 desc = x',
  ])('says only that it was refused where the words have no form of the API server: %s', (message) => {
    expect(told(message)).toBe(LEFT_OUT);
  });

  it('names fields, faults and rules of a Secret that is not valid, and no value', () => {
    const causes = [
      {
        reason: 'FieldValueInvalid',
        field: 'data[a b]',
        message: `Invalid value: "a b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name')`,
      },
      {
        reason: 'FieldValueInvalid',
        field: 'data[.dockerconfigjson]',
        message: `Invalid value: "<secret contents redacted>": invalid character 'h' looking for beginning of value`,
      },
      {
        reason: 'FieldValueForbidden',
        field: 'data',
        message: 'Forbidden: field is immutable when `immutable` is set',
      },
      { reason: 'hunter2', field: 'type', message: 'hunter2' },
      { reason: 'FieldValueInvalid', field: 'hunter2', message: 'hunter2' },
      'hunter2',
    ];
    expect(told('Secret "db" is invalid: [hunter2]', causes)).toBe(
      'Secret "db" is invalid: [data[a b]: Invalid value: a valid config key must consist of alphanumeric characters, ' +
        "'-', '_' or '.', data[.dockerconfigjson]: Invalid value, " +
        'data: Forbidden: field is immutable when `immutable` is set, type]',
    );
  });

  it('names 20 fields at most, each cut and without characters that move a terminal', () => {
    const cause = { reason: 'FieldValueInvalid', field: `data[\u202e${'x'.repeat(10_000)}]`, message: '' };
    const text = told(
      'Secret "db" is invalid: x',
      Array.from({ length: 300 }, () => cause),
    );
    expect(text.length).toBeLessThan(8_192);
    expect(text).toMatch(/^[ -~]*and 280 more fields\]$/);
  });
});
