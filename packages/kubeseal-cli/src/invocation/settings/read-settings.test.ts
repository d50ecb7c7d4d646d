import { describe, expect, it } from 'vitest';
import { readSettings } from './read-settings.ts';

const read = (text: string) => readSettings(Buffer.from(text), '.kubeseal.yaml');
const CLUSTERS = 'clusters:\n  prod: {context: p}\n';
const FINGERPRINT = `SHA256:${'a'.repeat(43)}`;

function errorOf(text: string): { message: string; hint: string | undefined } {
  try {
    read(text);
  } catch (error) {
    const { message, hint } = error as Error & { hint?: string };
    return { message, hint };
  }
  throw new Error('it was read');
}

describe('readSettings', () => {
  it('reads every field, with the line of each rule and cluster', () => {
    const text = `# ours
clusters:
  prod:
    context: prod
    certificate: https://certs.test/prod.pem
    fingerprint: ${FINGERPRINT}
    controllerName: sealed-secrets
    controllerNamespace: kube-system
rules:
  - paths: [clusters/prod/**, "*.prod.yaml"]
    cluster: prod
    namespace: shop
    scope: namespace-wide
    format: yaml
    requiredLabels: [team]
output: clusters/{cluster}/{namespace}/{name}.yaml
`;
    const { clusters, rules, output } = read(text);
    expect(clusters.get('prod')).toEqual({
      line: 4,
      context: 'prod',
      certificate: 'https://certs.test/prod.pem',
      fingerprint: FINGERPRINT,
      controllerName: 'sealed-secrets',
      controllerNamespace: 'kube-system',
    });
    expect(rules).toEqual([
      {
        line: 10,
        paths: ['clusters/prod/**', '*.prod.yaml'],
        cluster: 'prod',
        namespace: 'shop',
        scope: 'namespace-wide',
        format: 'yaml',
        requiredLabels: ['team'],
      },
    ]);
    expect(output).toBe('clusters/{cluster}/{namespace}/{name}.yaml');
  });
  it('reads JSON, UTF-16 and line ends of Windows', () => {
    expect(read('{"clusters": {"prod": {"context": "p"}}}').clusters.size).toBe(1);
    const utf16 = Buffer.from(`\ufeff${CLUSTERS.replaceAll('\n', '\r\n')}`, 'utf16le');
    expect(readSettings(utf16, 'f').clusters.size).toBe(1);
  });
  it.each([
    [`${CLUSTERS}rulez: []\n`, 3, 'the file has the unknown field rulez', 'did you mean rules?'],
    [
      'clusters:\n  prod:\n    context: p\n    certficate: x\n',
      4,
      'cluster prod has the unknown field certficate',
      'did you mean certificate?',
    ],
    [
      `${CLUSTERS}rules:\n  - {path: [a], cluster: prod}\n`,
      4,
      'rule 1 has the unknown field path',
      'did you mean paths?',
    ],
    [
      `${CLUSTERS}rules:\n  - {paths: [a], cluster: prdo}\n`,
      4,
      'the rule is for cluster prdo, which does not exist',
      'did you mean prod?',
    ],
    [
      `${CLUSTERS}rules:\n  - {paths: [a], cluster: prod, scope: strickt}\n`,
      4,
      'scope of rule 1 is strickt',
      'did you mean strict?',
    ],
    [
      `${CLUSTERS}rules:\n  - {paths: [a], cluster: prod, namespace: 5}\n`,
      4,
      'namespace of rule 1 is not a string that is not empty',
      'put it in quotes',
    ],
  ])('names line, field and the nearest name in %j', (text, line, message, hint) => {
    expect(errorOf(text)).toEqual({ message: `.kubeseal.yaml line ${line}: ${message}`, hint });
  });
  it.each([
    ['', 'is empty'],
    ['rules: []\n', 'line 1: the file lacks the field clusters'],
    ['- a\n', 'line 1: the file is not a map'],
    ['clusters:\n', 'line 1: clusters is not a map'],
    ['clusters: {prod: {}}\n', 'line 1: cluster prod has neither context nor certificate'],
    ['clusters: {"../x": {context: a}}\n', 'line 1: the name "../x" of a cluster has other characters'],
    ['clusters:\n  a: {context: b}\n  a: {context: c}\n', 'line 3: a field is there twice'],
    [
      'clusters: {prod: {context: p, fingerprint: SHA256:x}}\n',
      'fingerprint of cluster prod is not a fingerprint',
    ],
    ['clusters: {prod: {context: p, controllerNamespace: a/b}}\n', 'is not the name of a namespace'],
    [`${CLUSTERS}rules:\n  - {paths: ["!a"], cluster: prod}\n`, 'line 4: pattern 1 of rule 1 begins with'],
    [`${CLUSTERS}rules:\n  - {paths: ["a*a*a*b"], cluster: prod}\n`, 'has more than two * between slashes'],
    [`${CLUSTERS}rules:\n  - {paths: ["**/a/**/b/**"], cluster: prod}\n`, 'or more than two **'],
    [`${CLUSTERS}rules:\n  - {paths: [], cluster: prod}\n`, 'paths of rule 1 is an empty list'],
    [`${CLUSTERS}rules:\n  - {paths: [a]}\n`, 'line 4: rule 1 lacks the field cluster'],
    [`${CLUSTERS}output: all.yaml\n`, 'output lacks {cluster}'],
    [`${CLUSTERS}output: ../{cluster}.yaml\n`, 'output leads out of the directory'],
    [`${CLUSTERS}output: /etc/{cluster}\n`, 'output leads out of the directory'],
    [`${CLUSTERS}output: "{cluster}/{nmae}"\n`, 'output has the unknown word {nmae}'],
    ['clusters: &a {prod: {context: p}}\nrules: *a\n', 'line 2: rules is an alias'],
    ['clusters: {prod: &p {context: p}, dev: {<<: *p}}\n', 'cluster dev has a key that is not a name'],
    ['clusters: [\n', 'not valid YAML'],
    [`clusters: ${'['.repeat(20_000)}`, 'is nested too deeply'],
    ['a: 1\n---\nb: 2\n', 'holds more than one document'],
  ])('refuses %j', (text, message) => {
    expect(errorOf(text).message).toContain(message);
  });
  it('refuses what is no text and what is too large, without reading it', () => {
    expect(() => readSettings(Buffer.from([0xff, 0, 0xff]), 'f')).toThrow('neither UTF-8 nor UTF-16');
    expect(() => readSettings(Buffer.alloc(1_048_577), 'f')).toThrow('over 1 MiB');
  });
  it('quotes no value that it refuses, only names', () => {
    const { message, hint = '' } = errorOf('clusters: {prod: {context: {hunter2: hunter3}}}\n');
    expect(message + hint).not.toContain('hunter');
  });
});
