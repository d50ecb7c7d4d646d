import { parseSealedSecret, SealedSecretsError } from '@fuin/crypto-core';
import { describe, expect, it } from 'vitest';
import { whyUnopened } from '../../inspect/why-unopened.ts';
import type { Mode } from '../../invocation/mode.ts';
import { vector } from '../../testing/keys.ts';
import { explainFailure } from './explain.ts';

const explained = (message: string, mode: Mode = 'seal', hint?: string) => {
  const error = new SealedSecretsError('ERR_USAGE', message, hint === undefined ? {} : { hint });
  return (explainFailure(error, mode) as SealedSecretsError).hint;
};

describe('explainFailure', () => {
  const NO_KUBECONFIG = 'invalid configuration: no configuration has been provided, try setting X';
  it.each<[Mode, string | undefined]>([
    ['seal', 'with --cert FILE and -n NAMESPACE no cluster is needed'],
    ['merge-into', 'with --cert FILE and -n NAMESPACE no cluster is needed'],
    ['raw', 'with --cert FILE and -n NAMESPACE no cluster is needed'],
    ['re-encrypt', 'with --recovery-private-key FILE and --cert FILE no cluster is needed'],
    ['validate', undefined],
    ['fetch-cert', undefined],
  ])('says for %s how to do without a cluster if there is no kubeconfig', (mode, hint) => {
    expect(explained(NO_KUBECONFIG, mode)).toBe(hint);
  });
  it.each([
    [
      'cannot get sealed secret service: services "x" is forbidden: User "system:anonymous" cannot',
      'no credentials were sent',
    ],
    [
      'getting credentials: exec plugin: invalid apiVersion "client.authentication.k8s.io/v1alpha1"',
      'aws eks update-kubeconfig',
    ],
    ['document 1 of stdin is not valid YAML: line 3, column 6: block as implicit key', 'needs quotes'],
    ['data does not contain any valid RSA or ECDSA certificates', 'RSA certificates only'],
  ])('adds a hint to %s', (message, hint) => {
    expect(explained(message)).toContain(hint);
    expect(explained(message, 'seal', 'first')).toMatch(/^first\n/);
  });
  it('leaves other errors as they are', () => {
    const error = new TypeError('block as implicit key');
    expect(explainFailure(error, 'seal')).toBe(error);
    expect(explained('namespace mismatch', 'seal', 'first')).toBe('first');
  });
});

describe('whyUnopened', () => {
  const text = vector('kubeseal/out-tls.yaml');
  const [, sealed = ''] = /tls\.key: (\S+)/.exec(text) ?? [];
  const object = (encryptedData: object, template: object = { name: 'tls', namespace: 'blue' }) =>
    parseSealedSecret({
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecret',
      metadata: { name: 'tls', namespace: 'blue' },
      spec: { encryptedData, template: { metadata: template } },
    });
  it.each([
    ['a placeholder', { a: 'PLEASE_FILL', b: sealed }, 'a is not sealed'],
    ['a value that was cut', { a: sealed.slice(0, 400), b: sealed }, 'a is damaged'],
  ])('sees %s', (_what, items, reason) => {
    expect(whyUnopened(object(items))).toBe(reason);
  });
  it('sees that the object was renamed or moved', () => {
    expect(whyUnopened(object({ a: sealed }, { name: 'db', namespace: 'shop' }))).toMatch(
      /^its template says that it was sealed for namespace shop and name db: /,
    );
  });
  it('asks the user if nothing is visible', () => {
    expect(whyUnopened(object({ a: sealed }))).toMatch(/^was it sealed for this cluster/);
    expect(whyUnopened(object({ a: sealed }, {}))).toMatch(/^was it sealed for this cluster/);
  });
});
