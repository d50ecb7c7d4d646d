import { defineFlags } from '@fuin/flags/parsing';
import { CHANGE_ITEM_FLAGS, OPENING_FLAGS } from './command-flags.ts';
import { CLUSTER_FLAGS, SEAL_FLAGS, SEALING_FLAGS } from './flags.ts';
import { bool } from './rows.ts';

/** Which SealedSecrets a command that opens values is about, and with what they are opened. */
const OPENED_FLAGS = defineFlags({
  ...OPENING_FLAGS,
  name: { ...SEAL_FLAGS.name, help: 'Name of the SealedSecrets to open, where there are others' },
  namespace: {
    ...SEAL_FLAGS.namespace,
    help: 'Namespace of the SealedSecrets to open, where there are others or a file names none',
  },
  'allow-ci': bool(
    'Open values although the variable CI says that this is a pipeline, whose log many people may read',
  ),
  ...CLUSTER_FLAGS,
});

/** The flags of `kubeseal unseal`. */
export const UNSEAL_FLAGS = defineFlags({
  ...OPENED_FLAGS,
  format: {
    type: 'enum',
    choices: ['yaml', 'json', 'dotenv', 'flat-json'],
    default: 'yaml',
    short: 'o',
    help: 'yaml and json print Secrets; dotenv a line for each item; flat-json one object of all items',
  },
  item: { type: 'string', default: '', help: 'Print only the value of this item, byte for byte', env: false },
  'output-file': {
    type: 'string',
    default: '',
    short: 'w',
    isFile: true,
    env: false,
    help: 'Output file, instead of stdout, with mode 0600. .json and .env choose the format where -o is not given',
  },
  force: { ...bool('Replace an output file that exists, if nobody else can read it'), env: false },
  'fail-fast': bool('Stop at the first SealedSecret that cannot be opened'),
});

/** The flags of `kubeseal exec`. */
export const EXEC_FLAGS = defineFlags({
  ...OPENED_FLAGS,
  item: {
    type: 'stringArray',
    default: [] as readonly string[],
    help: 'Item to pass on, under another name with NAME=ITEM; the others are not passed on. May be repeated',
    env: false,
  },
  prefix: { type: 'string', default: '', help: 'Put this before the name of every variable', env: false },
  files: bool(
    'Write the values into private files, instead of setting variables; the variable CREDENTIALS_DIRECTORY names their directory',
  ),
});

/** The flags of `kubeseal edit`. */
export const EDIT_FLAGS = defineFlags({
  ...SEALING_FLAGS,
  ...OPENING_FLAGS,
  ...CHANGE_ITEM_FLAGS,
});

/** The flags of `kubeseal diff`. */
export const DIFF_FLAGS = defineFlags({
  ...OPENED_FLAGS,
  json: bool('Print a JSON document about what differs'),
  'fail-fast': bool('Compare nothing once a file cannot be read'),
  'show-values': { ...bool('Print the values that differ, in the clear'), env: false },
});

/** The flags of `kubeseal git uninstall`. */
export const GIT_UNINSTALL_FLAGS = defineFlags({
  global: { ...bool('Change the configuration of this user instead of that of the repository'), env: false },
  'dry-run': { ...bool('Print what would change, files as a diff, and change nothing'), env: false },
  json: { ...bool('Print a JSON document about what was changed'), env: false },
});

/** The flags of `kubeseal git install`. */
export const GIT_INSTALL_FLAGS = defineFlags({
  ...GIT_UNINSTALL_FLAGS,
  hook: { ...bool('Install the hook too that checks files before a commit'), default: true, env: false },
});
