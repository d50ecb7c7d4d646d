// Over 200 lines: one table of kubeconfigs.
import { createServerCertificate } from '../../../../test/apiserver/src/access/certificate.ts';
import type { ProbeServer } from './probe-server.ts';

/** A kubeconfig, and what lies beside it. */
export interface KubeconfigCase {
  /** Scripts begin with `#!`. */
  readonly files: Readonly<Record<string, string>>;
  /** Value of KUBECONFIG, where `@` stands for the directory; without it there is `--kubeconfig=config`. */
  readonly list?: string;
  readonly flags?: Readonly<Record<string, unknown>>;
}

/** Cases by title. */
export type Cases = Readonly<Record<string, (server: ProbeServer) => KubeconfigCase>>;

interface Parts {
  readonly cluster?: object;
  readonly user?: object;
  readonly name?: string;
}

/** A client certificate and its key. */
export const PAIR = createServerCertificate(['127.0.0.1']);
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** A kubeconfig whose context, cluster and user share one name. */
export function config(
  server: ProbeServer,
  { cluster = {}, user = token, name = 'main' }: Parts = {},
): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name, cluster: { server: server.url, 'certificate-authority-data': base64(server.ca), ...cluster } },
    ],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: `of-${name}` } }],
    'current-context': name,
  });
}

/** A user with a token. */
export const token = { token: 'of-the-kubeconfig' };
/** A user with a client certificate. */
export const certificate = {
  'client-certificate-data': base64(PAIR.certificate),
  'client-key-data': base64(PAIR.key),
};
/** What kubectl and our programs do alike. */
export const ALIKE: Cases = {
  'a token': (server) => ({ files: { config: config(server, { user: token }) } }),
  'a token that a flag replaces': (server) => ({
    files: { config: config(server, { user: token }) },
    flags: { token: 'f' },
  }),
  'a token file beside the kubeconfig': (server) => ({
    files: { 'dir/c': config(server, { user: { tokenFile: 't' } }), 'dir/t': 'from-file\n' },
    list: '@/dir/c',
  }),
  'a token file beside a token': (server) => ({
    files: { config: config(server, { user: { ...token, tokenFile: 't' } }), t: 'from-file' },
  }),
  'a missing token file beside a token': (server) => ({
    files: { config: config(server, { user: { ...token, tokenFile: 'none' } }) },
  }),
  'a missing token file': (server) => ({
    files: { config: config(server, { user: { tokenFile: 'none' } }) },
  }),
  'a password': (server) => ({
    files: { config: config(server, { user: { username: 'u', password: 'p' } }) },
  }),
  'a name without a password': (server) => ({
    files: { config: config(server, { user: { username: 'u' } }) },
  }),
  'a password beside a token': (server) => ({
    files: { config: config(server, { user: { ...token, username: 'u', password: 'p' } }) },
  }),
  'a client certificate': (server) => ({ files: { config: config(server, { user: certificate }) } }),
  'a client certificate beside a token': (server) => ({
    files: { config: config(server, { user: { ...certificate, ...token } }) },
  }),
  'a client certificate in files': (server) => ({
    files: {
      config: config(server, { user: { 'client-certificate': 'pki/c.crt', 'client-key': 'pki/c.key' } }),
      'pki/c.crt': PAIR.certificate,
      'pki/c.key': PAIR.key,
    },
  }),
  'a missing certificate file': (server) => ({
    files: { config: config(server, { user: { 'client-certificate': 'none', 'client-key': 'none' } }) },
  }),
  'a certificate without its key': (server) => ({
    files: { config: config(server, { user: { 'client-certificate-data': base64(PAIR.certificate) } }) },
  }),
  'an impersonation': (server) => ({
    files: {
      config: config(server, {
        user: {
          ...token,
          as: 'eve',
          'as-uid': '7',
          'as-groups': ['x', 'y'],
          'as-user-extra': { 'a.b/C d': ['1', '2'] },
        },
      }),
    },
  }),
  'an impersonation by flags': (server) => ({
    files: { config: config(server, { user: { ...token, as: 'eve', 'as-groups': ['x'] } }) },
    flags: { as: 'adam', 'as-group': ['y', 'z'] },
  }),
  'a token flag beside a password': (server) => ({
    files: { config: config(server, { user: { username: 'u', password: 'p' } }) },
    flags: { token: 'f' },
  }),
  'a password flag beside a token': (server) => ({
    files: { config: config(server) },
    flags: { username: 'u', password: 'p' },
  }),
  'a key without its certificate': (server) => ({
    files: { config: config(server, { user: { ...token, 'client-key-data': base64(PAIR.key) } }) },
  }),
  'a group of nobody': (server) => ({
    files: { config: config(server, { user: { ...token, 'as-groups': ['x'] } }) },
  }),
  'a missing authority file': (server) => ({
    files: {
      config: config(server, {
        cluster: { 'certificate-authority-data': null, 'certificate-authority': 'none' },
      }),
    },
  }),
  'an authority that did not sign': (server) => ({
    files: {
      config: config(server, { cluster: { 'certificate-authority-data': base64(PAIR.certificate) } }),
    },
  }),
  'a server whose certificate is not looked at': (server) => ({
    files: {
      config: config(server, {
        user: token,
        cluster: { 'certificate-authority-data': null, 'insecure-skip-tls-verify': true },
      }),
    },
  }),
  'an authority beside insecure-skip-tls-verify': (server) => ({
    files: { config: config(server, { cluster: { 'insecure-skip-tls-verify': true } }) },
  }),
  'another name of the server': (server) => ({
    files: { config: config(server, { cluster: { 'tls-server-name': 'localhost' } }) },
  }),
  'a wrong name of the server': (server) => ({
    files: { config: config(server, { cluster: { 'tls-server-name': 'wrong.test' } }) },
  }),
  'a server with slashes at its end': (server) => ({
    files: { config: config(server, { cluster: { server: `${server.url}//` } }) },
  }),
  'a list whose first mention of a name wins': (server) => ({
    files: {
      one: config(server, { user: { token: 'one' } }),
      two: config(server, { user: { token: 'two' } }),
      three: config(server, { user: { token: 'three' }, name: 'third' }),
    },
    list: '@/none:@/one:@/two:@/three',
  }),
  'a user of a later file of a list': (server) => ({
    files: {
      one: config(server, { user: { token: 'one' } }),
      three: config(server, { user: { token: 'three' }, name: 'third' }),
    },
    list: '@/one:@/three',
    flags: { user: 'third' },
  }),
  'a list of missing files': () => ({ files: {}, list: '@/none:@/neither' }),
  'a list with a broken file': (server) => ({
    files: { one: config(server, { user: token }), two: 'users: [{name' },
    list: '@/one:@/two',
  }),
  'a missing file of --kubeconfig': () => ({ files: {}, flags: { kubeconfig: 'none' } }),
  'a name that is there twice': (server) => ({
    files: {
      config: JSON.stringify({
        ...JSON.parse(config(server)),
        users: [
          { name: 'main', user: { token: 'first' } },
          { name: 'main', user: { token: 'second' } },
        ],
      }),
    },
  }),
  'an unknown context': (server) => ({ files: { config: config(server) }, flags: { context: 'none' } }),
  'a context whose cluster is missing': (server) => ({
    files: { config: JSON.stringify({ ...JSON.parse(config(server)), clusters: [] }) },
  }),
  'a cluster without a server': (server) => ({
    files: { config: config(server, { cluster: { server: '' } }) },
  }),
  'no current context': (server) => ({
    files: { config: JSON.stringify({ ...JSON.parse(config(server)), 'current-context': '' }) },
  }),
  'a number for a token': (server) => ({ files: { config: config(server, { user: { token: 12 } }) } }),
  'a number for a name': (server) => ({
    files: { config: config(server).replace('"users":[{"name":"main"', '"users":[{"name":1') },
  }),
  'a text for a switch': (server) => ({
    files: { config: config(server, { cluster: { 'insecure-skip-tls-verify': 'true' } }) },
  }),
  'a text for a list': (server) => ({
    files: { config: config(server, { user: { as: 'a', 'as-groups': 'b' } }) },
  }),
  'an authority that is no base64': (server) => ({
    files: { config: config(server, { cluster: { 'certificate-authority-data': '***' } }) },
  }),
  'null for absent': (server) => ({
    files: { config: config(server, { user: { ...token, exec: null, username: null } }) },
  }),
  'a field that nobody knows': (server) => ({
    files: { config: config(server, { user: { ...token, unknown: 1 } }) },
  }),
  'a kubeconfig that is a list': () => ({ files: { config: '[]' } }),
  'an empty kubeconfig': () => ({ files: { config: '' } }),
  'words that YAML 1.1 reads as true': (server) => ({
    files: { config: config(server, { user: { ...token, as: 'X' } }).replace('"X"', ' yes') },
  }),
  'an anchor and <<': (server) => ({
    files: { config: config(server, { user: { as: 'X' } }).replace('"as":"X"', '<<: {token: merged}') },
  }),
};

/** What our programs do in another way than kubectl, and why. */
export const DIFFERENT = [
  {
    title: 'a token flag beside a token file',
    reason: 'in kubectl the file of the kubeconfig wins over the flag, in our programs a flag always wins',
    make: (server: ProbeServer) => ({
      files: { config: config(server, { user: { tokenFile: 't' } }), t: 'from-file' },
      flags: { token: 'f' },
    }),
    kubectl: /^\{"authorization":"Bearer from-file"/,
    own: /^\{"authorization":"Bearer f"/,
  },
  {
    title: 'an empty token file',
    reason: 'kubectl asks for a name and a password, our programs send none and report the 401',
    make: (server: ProbeServer) => ({
      files: { config: config(server, { user: { tokenFile: 't' } }), t: '' },
    }),
    kubectl: /EOF$/,
    own: /^\{"impersonation":\{\}\}$/,
  },
  {
    title: 'a context whose user is missing',
    reason: 'kubectl asks for a name and a password, our programs say what is missing',
    make: (server: ProbeServer) => ({
      files: { config: JSON.stringify({ ...JSON.parse(config(server)), users: [] }) },
    }),
    kubectl: /EOF$/,
    own: /^auth info "main" does not exist$/,
  },
  {
    title: 'a server without a scheme beside an authority',
    reason: 'kubectl speaks plain http and drops the authority; anyone who names an authority means https',
    make: (server: ProbeServer) => ({
      files: { config: config(server, { cluster: { server: server.url.replace('https://', '') } }) },
    }),
    kubectl: /EOF$/,
    own: /^\{"authorization":"Bearer of-the-kubeconfig"/,
  },
];
