import { defineFlags } from '@fuin/flags/parsing';
import { CHANGE_TREE_FLAGS, OPENING_FLAGS } from './command-flags.ts';
import { CERTIFICATE_FLAGS, OPEN_FLAGS } from './flags.ts';
import { bool } from './rows.ts';
import { VALUE_FLAGS } from './sealing-flags.ts';

const NAMESPACE = {
  ...CERTIFICATE_FLAGS.namespace,
  help: 'Namespace of the SealedSecrets, where a file names none',
} as const;

/** The flags of `kubeseal re-encrypt`. */
export const RE_ENCRYPT_FLAGS = defineFlags({
  check: bool('Write nothing. Exit code 3 means that an item is sealed with an older key'),
  to: {
    type: 'string',
    default: '',
    help: 'Bring every item into this format, v1 or v2; without it, each keeps its own. Needs --recovery-private-key, or --from-cluster',
    suggestions: ['v1', 'v2'],
    env: false,
  },
  ...OPENING_FLAGS,
  ...CHANGE_TREE_FLAGS,
  ...CERTIFICATE_FLAGS,
  recipient: VALUE_FLAGS.recipient,
  expires: {
    ...VALUE_FLAGS.expires,
    help: VALUE_FLAGS.expires.help.replace('--format-version 2', '--to v2'),
  },
  'bind-item': {
    ...VALUE_FLAGS['bind-item'],
    help: 'Bind each value to the name of its item; needs --to v2',
  },
  namespace: NAMESPACE,
});

/** The flags of `kubeseal validate`. */
export const VALIDATE_FLAGS = defineFlags({
  json: bool('Print a JSON document about every SealedSecret'),
  'fail-fast': bool(
    'Stop at the first SealedSecret that does not open, and at the first file that cannot be read',
  ),
  'recovery-private-key': OPEN_FLAGS['recovery-private-key'],
  ...CERTIFICATE_FLAGS,
  namespace: NAMESPACE,
});
