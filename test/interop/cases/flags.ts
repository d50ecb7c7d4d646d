import { type Case, differs } from './case.ts';

const STDERR_REASON = 'the reason of a usage error stands on stderr, not below the flag list on stdout';
const secret = 'metadata: {name: a, namespace: blue}\nstringData: {k: v}\n';

/** Command lines that pflag refuses; the test compares the reason. */
const REFUSED: readonly (readonly string[])[] = [
  ['--zz'],
  ['--zz=a=b'],
  ['-zz'],
  ['-1'],
  ['-V'],
  ['-s'],
  ['-=x'],
  ['-o'],
  ['-oyaml', '-w'],
  ['-n'],
  ['--format'],
  ['--scope'],
  ['--name'],
  ['---x'],
  ['--=x'],
  ['--scope', 'foo'],
  ['--scope=Strict'],
  ['--raw=maybe'],
  ['--raw='],
  ['--fetch-cert=2'],
  ['--validate=yes'],
  ['--insecure-skip-tls-verify=2'],
  ['--disable-compression=x'],
  ['--rotate=x'],
  ['--from-file=a"b'],
  ['--from-file="a'],
  ['--recovery-private-key="a"b'],
  ['--v=x'],
  ['-v=x'],
  ['-vh'],
  ['-v', '99999999999'],
  ['--stderrthreshold', 'x'],
  ['--log_file_max_size=-1'],
  ['--log_backtrace_at=foo'],
  ['--vmodule=foo'],
  ['--vmodule=a=b'],
  ['--log-dir=x'],
  ['--allow_empty_data'],
  ['--controller_name=x'],
  ['--version', '--zz'],
];

const accepted = (title: string, argv: readonly string[], more: Partial<Case> = {}): Case => ({
  title,
  argv: ['--cert', 'cert.pem', ...argv],
  stdin: secret,
  ...more,
});

export const FLAG_CASES: readonly Case[] = [
  ...REFUSED.map((argv) => ({
    title: `refuses ${argv.join(' ')}`,
    argv,
    differs: differs(STDERR_REASON, 'stderr'),
  })),
  accepted('takes --format=yaml', ['--format=yaml']),
  accepted('takes --format yaml', ['--format', 'yaml']),
  accepted('takes -oyaml', ['-oyaml']),
  accepted('takes -o=yaml', ['-o=yaml']),
  accepted('takes -o YAML', ['-o', 'YAML']),
  accepted('takes an empty format for JSON', ['--format=']),
  accepted('refuses format xml', ['-o', 'xml']),
  accepted('ignores positional arguments', ['a', '-oyaml', 'b', '--', '--zz']),
  accepted('ignores a lone dash', ['-', '-oyaml']),
  accepted('lets the last of repeated flags win', ['-oyaml', '-ojson']),
  accepted('takes false for a switch', ['--raw=false', '--fetch-cert=0', '--validate=F']),
  accepted('takes klog flags', [
    '-v',
    '3',
    '--logtostderr=false',
    '--stderrthreshold=INFO',
    '--vmodule=',
    '--log_dir=x',
    '--skip_headers',
  ]),
  accepted('takes a bundled -v=9', ['-v=9', '-oyaml']),
  accepted('takes kubectl flags', [
    '--as=x',
    '--as-group=a,b',
    '--as-uid=1',
    '--token=t',
    '--server=x',
    '--user',
    'u',
    '--cluster',
    'c',
    '--tls-server-name=n',
  ]),
  accepted('takes an empty scope for strict', ['--scope=', '-oyaml']),
  accepted('takes -w and its extension', ['-w', 'out.yaml']),
  accepted('takes -w with yml', ['-w', 'out.yml']),
  accepted('keeps the format for .json', ['-w', 'out.json', '-oyaml']),
  accepted('knows extensions in lower case only', ['-w', 'out.YAML']),
  accepted('writes to stdout for -', ['-w', '-'], {
    differs: differs('upstream writes a file named -', 'output'),
  }),
  accepted('replaces an existing file', ['-w', 'value.txt']),
  accepted('refuses a missing output directory', ['-w', 'dir/out'], {
    differs: differs("upstream names its temporary file, here the user's file is named", 'stderr'),
  }),
  accepted('takes flags from the environment', [], {
    env: { SEALED_SECRETS_FORMAT: 'yaml', SEALED_SECRETS_SCOPE: 'cluster-wide' },
  }),
  accepted('lets the command line beat the environment', ['-ojson'], {
    env: { SEALED_SECRETS_FORMAT: 'yaml' },
  }),
  accepted('takes an empty variable as given', [], { env: { SEALED_SECRETS_FORMAT: '' } }),
  accepted('ignores a bad variable', ['-oyaml'], {
    env: { SEALED_SECRETS_SCOPE: 'foo' },
  }),
  accepted('ignores variables of klog flags', ['-oyaml'], { env: { SEALED_SECRETS_V: 'x' } }),
  accepted('reads -f', ['-f', 'secret.yaml', '-oyaml']),
  accepted('takes a file named by the environment', ['-oyaml'], {
    env: { SEALED_SECRETS_SECRET_FILE: 'secret.yaml' },
  }),
  accepted('refuses a missing input file', ['-f', 'nope'], {
    differs: differs(
      'v0.27.1 exits 0 in silence; later versions fail with the text used here',
      'code',
      'stderr',
    ),
  }),
  accepted('refuses --from-file without --raw', ['--from-file', 'value.txt']),
  accepted('prints the version before anything else', ['--version', '--from-file', 'x'], {
    differs: differs('another version number', 'output'),
  }),
];
