import { defineFlags } from '@fuin/flags/parsing';
import { CHANGE_TREE_FLAGS } from './command-flags.ts';
import { CERTIFICATE_FLAGS, OPEN_FLAGS } from './flags.ts';
import { bool } from './rows.ts';

const NAMESPACE = {
  ...CERTIFICATE_FLAGS.namespace,
  help: 'Namespace of the SealedSecrets, where a file names none',
} as const;

/** The flags of `kubeseal re-encrypt`. */
export const RE_ENCRYPT_FLAGS = defineFlags({
  check: bool('Write nothing. Exit code 3 means that an item is sealed with an older key'),
  'recovery-private-key': OPEN_FLAGS['recovery-private-key'],
  ...CHANGE_TREE_FLAGS,
  ...CERTIFICATE_FLAGS,
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
