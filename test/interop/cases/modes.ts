// Over 200 lines: one table of command lines.
import { readVector } from '../../vectors/read.ts';
import { type Case, differs } from './case.ts';

const owner = differs(
  'no creationTimestamp null, and no owner reference without a uid, which the API server refuses',
  'output',
);
const where = differs('the message says which file and what to do', 'stderr');
const sealed = readVector('kubeseal/out-tls.yaml');
/** One item: upstream names several in random order. */
const single = sealed.replace(/^ *tls\.key: .*\n/m, '');
const unseal = (title: string, argv: readonly string[], more: Partial<Case> = {}): Case => ({
  title: `recovery: ${title}`,
  argv: ['--recovery-unseal', ...argv],
  stdin: sealed,
  ...more,
});
const raw = (title: string, argv: readonly string[], more: Partial<Case> = {}): Case => ({
  title: `raw: ${title}`,
  argv: ['--raw', '--cert', 'cert.pem', ...argv],
  stdin: 'hunter2\n',
  ...more,
});
const merge = (title: string, argv: readonly string[], more: Partial<Case> = {}): Case => ({
  title: `merge: ${title}`,
  argv: ['--cert', 'cert.pem', '--merge-into', ...argv],
  stdin: 'metadata: {name: x, namespace: y1}\nstringData: {tls.key: new, extra: x}\n',
  ...more,
});
const keySecret = (key: string) =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: k}\ndata: {tls.key: ${Buffer.from(key).toString('base64')}}\n`;
const KEY = readVector('kubeseal/a.pkcs1.key');
/** Seals an object without a namespace, with this context in the kubeconfig. */
const inContext = (title: string, context: string, more: Partial<Case> = {}): Case => ({
  title: `kubeconfig: ${title}`,
  argv: ['--cert', 'cert.pem', '--kubeconfig', 'k', '-oyaml'],
  stdin: 'kind: Secret\nmetadata: {name: db}\nstringData: {a: b}\n',
  files: {
    k: `current-context: c\ncontexts: [{name: c, context: ${context}}]\nclusters: [{name: k, cluster: {server: https://s}}]\nbase: &base {namespace: blue}\n`,
  },
  ...more,
});
const template = sealed.replace(
  '  template:\n',
  '  template:\n    data: {plain: some text, tls.key: shadowed}\n',
);

export const MODE_CASES: readonly Case[] = [
  raw('strict', ['--name', 'a', '-n', 'blue']),
  raw('namespace-wide', ['--scope', 'namespace-wide', '-n', 'blue']),
  raw('cluster-wide', ['--scope', 'cluster-wide']),
  raw('from a file', ['--scope', 'cluster-wide', '--from-file', 'value.txt']),
  raw('from a named file', ['--scope', 'cluster-wide', '--from-file', 'k=value.txt']),
  raw('from a file of the environment', ['--scope', 'cluster-wide'], {
    env: { SEALED_SECRETS_FROM_FILE: 'value.txt' },
  }),
  raw('from a missing file', ['--scope', 'cluster-wide', '--from-file', 'nope']),
  raw('from two files', ['--scope', 'cluster-wide', '--from-file', 'a,b']),
  raw('does not read -f', ['--scope', 'cluster-wide', '-f', 'secret.yaml']),
  raw('to a file', ['--scope', 'cluster-wide', '-w', 'out.txt']),
  raw('without a name', ['-n', 'blue']),
  raw('without a namespace', ['--name', 'a']),
  raw('with the namespace of the context', ['--name', 'a', '--kubeconfig', 'kubeconfig.yaml']),
  raw('an empty value', ['--scope', 'cluster-wide'], {
    stdin: '',
    differs: differs('an empty value is nearly always a slip', 'code', 'stderr', 'output'),
  }),
  raw('an empty value that is asked for', ['--scope', 'cluster-wide', '--allow-empty-data'], { stdin: '' }),
  raw('beats nothing: --fetch-cert wins', ['--fetch-cert']),
  { title: 'fetch-cert copies a file', argv: ['--fetch-cert', '--cert', 'cert.pem'] },
  { title: 'fetch-cert copies anything', argv: ['--fetch-cert', '--cert', 'value.txt'] },
  { title: 'fetch-cert writes a file', argv: ['--fetch-cert', '--cert', 'cert.pem', '-w', 'out.pem'] },
  { title: 'fetch-cert refuses a missing file', argv: ['--fetch-cert', '--cert', 'nope.pem'] },
  { title: 'fetch-cert without a cluster', argv: ['--fetch-cert'] },
  { title: 'refuses a certificate that is none', argv: ['--cert', 'value.txt'] },
  {
    title: 'refuses a certificate of another kind',
    argv: ['--cert', 'ec.crt'],
    differs: differs('the message does not print the key', 'stderr'),
  },
  {
    title: 'reads the certificate behind other blocks',
    argv: ['--cert', 'both.pem', '-oyaml', '-f', 'secret.yaml'],
    files: { 'both.pem': `text\n${KEY}${readVector('kubeseal/a.crt')}` },
  },
  {
    title: 'fetches a certificate from a file URL',
    argv: ['--cert', 'file:///nonexistent/cert.pem'],
    differs: differs('the message names the file', 'stderr'),
  },
  {
    title: 'refuses an unknown scheme',
    argv: ['--cert', 'ftp://x/y'],
    differs: differs('the message says which schemes there are', 'stderr'),
  },
  inContext('a user that is missing', '{cluster: k, user: gone, namespace: blue}'),
  inContext('a merge key', '{cluster: k, <<: {namespace: blue}}'),
  ...['123', '010', 'yes', '[blue]', '{a: b}'].map((namespace) =>
    inContext(`a namespace that is no text: ${namespace}`, `{cluster: k, namespace: ${namespace}}`, {
      differs: differs("the message names the field, without Go's types", 'stderr'),
    }),
  ),
  inContext('a namespace that is a date', '{cluster: k, namespace: 2001-01-01}'),
  {
    title: 'fetches nothing from a file URL with a broken escape',
    argv: ['--fetch-cert', '--cert', 'file:///x/50%/c.pem'],
    differs: differs('the message says what to write', 'stderr'),
  },
  {
    title: 'takes the first certificate that begins a line',
    argv: ['--cert', 'two.pem', '-oyaml', '-f', 'secret.yaml'],
    files: {
      'two.pem': readVector('x509/rsa-b.crt').replace(/^(?=.)/gm, '  ') + readVector('kubeseal/a.crt'),
    },
  },
  {
    title: 'passes over a certificate with headers',
    argv: ['--cert', 'two.pem', '-oyaml', '-f', 'secret.yaml'],
    files: {
      'two.pem':
        readVector('x509/rsa-b.crt').replace('\n', '\nComment: x\n\n') + readVector('kubeseal/a.crt'),
    },
  },
  { title: 'cannot validate without a cluster', argv: ['--validate'], stdin: sealed },
  { title: 'cannot re-encrypt without a cluster', argv: ['--re-encrypt'], stdin: sealed },
  {
    title: 'says that --rotate is deprecated',
    argv: ['--rotate'],
    stdin: sealed,
    differs: differs('the notice is a warning: stdout carries data only', 'stderr', 'output'),
  },
  unseal('YAML', ['--recovery-private-key', 'key.pem', '-oyaml'], { differs: owner }),
  unseal('JSON', ['--recovery-private-key', 'key.pem'], { differs: owner }),
  unseal('from -f', ['--recovery-private-key', 'key.pem', '-f', 'sealed.yaml'], { differs: owner }),
  unseal('with several keys in a list', ['--recovery-private-key', 'other.key,key.pem'], { differs: owner }),
  unseal(
    'with several keys repeated',
    ['--recovery-private-key', 'other.key', '--recovery-private-key', 'key.pem'],
    { differs: owner },
  ),
  unseal('with a key of the environment', [], {
    env: { SEALED_SECRETS_RECOVERY_PRIVATE_KEY: 'key.pem' },
    differs: owner,
  }),
  unseal('with a key Secret', ['--recovery-private-key', 'k.yaml'], {
    files: { 'k.yaml': keySecret(KEY) },
    differs: owner,
  }),
  unseal('with a stream of key Secrets', ['--recovery-private-key', 'k.yaml'], {
    files: { 'k.yaml': `${keySecret(readVector('keys/rsa2048-b.pkcs8.pem'))}---\n${keySecret(KEY)}` },
    differs: owner,
  }),
  unseal('with a List of key Secrets', ['--recovery-private-key', 'k.json'], {
    files: {
      'k.json': JSON.stringify({
        apiVersion: 'v1',
        kind: 'List',
        items: [
          {
            apiVersion: 'v1',
            kind: 'Secret',
            metadata: { name: 'k' },
            data: { 'tls.key': Buffer.from(KEY).toString('base64') },
          },
        ],
      }),
    },
    differs: owner,
  }),
  unseal('a template without braces', ['--recovery-private-key', 'key.pem', '-oyaml'], {
    stdin: template,
    differs: owner,
  }),
  unseal('a template', ['--recovery-private-key', 'key.pem', '-oyaml'], {
    stdin: template.replace('some text', '"{{ index . \\"tls.key\\" | upper }}"'),
    differs: owner,
  }),
  unseal('with the wrong key', ['--recovery-private-key', 'other.key'], { stdin: single }),
  unseal('without a key', [], { stdin: single }),
  unseal('with a missing key file', ['--recovery-private-key', 'nope']),
  unseal('with a key of another kind', ['--recovery-private-key', 'ec.key'], { differs: where }),
  unseal('with a file that holds no key', ['--recovery-private-key', 'value.txt'], { differs: where }),
  unseal('with a Secret that holds no key', ['--recovery-private-key', 'secret.yaml'], { differs: where }),
  unseal('a moved object', ['--recovery-private-key', 'key.pem'], {
    stdin: single.replace('namespace: blue', 'namespace: green'),
  }),
  unseal('of an unknown version', ['--recovery-private-key', 'key.pem'], {
    stdin: sealed.replace('v1alpha1', 'v1beta9'),
    differs: differs('without the name of a Go file', 'stderr'),
  }),
  unseal('a Secret', ['--recovery-private-key', 'key.pem'], {
    stdin: 'apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n',
    differs: differs('the message says what the object is', 'stderr'),
  }),
  unseal('empty input', ['--recovery-private-key', 'key.pem'], {
    stdin: '',
    differs: differs('empty input is an error', 'code', 'stderr', 'output'),
  }),
  merge('with YAML', ['sealed.yaml', '-oyaml'], {
    differs: differs('key order and format of the file are kept', 'output'),
  }),
  merge('a missing file', ['nope.yaml']),
  merge('into a file that is no SealedSecret', ['secret.yaml'], {
    differs: differs('the message says what the object is', 'stderr'),
  }),
  merge('into a file without labels', ['sealed.yaml', '-oyaml'], {
    stdin: 'metadata: {name: x, labels: {a: b}}\nstringData: {k: v}\n',
    differs: differs('upstream panics', 'code', 'stderr', 'output'),
  }),
  merge('empty input', ['sealed.yaml', '-oyaml'], {
    stdin: '',
    differs: differs('v0.27.1 rewrites the file and exits 0', 'code', 'stderr', 'output'),
  }),
  merge('input without data', ['sealed.yaml', '-oyaml'], { stdin: 'metadata: {name: x}\n' }),
];
