import { readVector } from '../../vectors/read.ts';

/** What may differ from upstream's answer. */
export type Aspect = 'code' | 'stderr' | 'output';

/** One command line that both programs get, with the same stdin, files and environment. */
export interface Case {
  readonly title: string;
  readonly argv: readonly string[];
  readonly stdin?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** A deliberate difference: where, and why. The test fails when there is none. */
  readonly differs?: { readonly in: readonly Aspect[]; readonly reason: string };
}

/** Files that every case finds in its directory. */
export const COMMON_FILES: Readonly<Record<string, string>> = {
  'cert.pem': readVector('kubeseal/a.crt'),
  'key.pem': readVector('kubeseal/a.pkcs1.key'),
  'other.key': readVector('keys/rsa2048-b.pkcs8.pem'),
  'ec.crt': readVector('x509/ec.crt'),
  'ec.key': readVector('keys/ec-p256.sec1.pem'),
  'sealed.yaml': readVector('kubeseal/out-tls.yaml'),
  'value.txt': 'hunter2',
  'secret.yaml': 'kind: Secret\nmetadata: {name: db, namespace: shop}\nstringData: {password: hunter2}\n',
  'kubeconfig.yaml': [
    'apiVersion: v1',
    'kind: Config',
    'current-context: main',
    'contexts:',
    '- {name: main, context: {cluster: k, user: u, namespace: blue}}',
    '- {name: bare, context: {cluster: k, user: u}}',
    'clusters: [{name: k, cluster: {server: "https://127.0.0.1:1"}}]',
    'users: [{name: u, user: {token: t}}]',
    '',
  ].join('\n'),
};

/** A deliberate difference in one line. */
export function differs(reason: string, ...aspects: readonly Aspect[]): NonNullable<Case['differs']> {
  return { reason, in: aspects };
}

/** Cases that seal a stdin, in both formats' default unless args say otherwise. */
export function sealing(
  inputs: Readonly<
    Record<string, string | readonly [stdin: string, difference: NonNullable<Case['differs']>]>
  >,
  args: readonly string[] = ['-o', 'yaml'],
): Case[] {
  return Object.entries(inputs).map(([title, given]) => {
    const [stdin, difference] = typeof given === 'string' ? [given, undefined] : given;
    const argv = ['--cert', 'cert.pem', ...args];
    return {
      title: `${title} (${args.join(' ')})`,
      argv,
      stdin,
      ...(difference ? { differs: difference } : {}),
    };
  });
}
