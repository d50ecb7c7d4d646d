import { defineFlags } from '@fuin/flags/parsing';
import { CREATE_FLAGS } from './command-flags.ts';
import { SEALING_FLAGS } from './flags.ts';
import { bool } from './rows.ts';

/** The flags of `kubeseal import`. */
export const IMPORT_FLAGS = defineFlags({
  item: {
    type: 'stringArray',
    default: [],
    help: 'Import only this item, as ITEM, or as NEW=OLD under another name. May be repeated',
  },
  'split-json': {
    type: 'enum',
    choices: ['auto', 'always', 'never'],
    default: 'auto',
    help: 'Whether a value that is a JSON object becomes items. auto: of aws-sm only',
  },
  'secret-store': {
    type: 'stringArray',
    default: [],
    help: 'File with the SecretStore or ClusterSecretStore that an ExternalSecret names. May be repeated',
    isFile: true,
  },
  'dry-run': bool('Print names and sizes of the items that would be imported, and write nothing'),
  json: bool('Print a JSON document about what was imported; needs -w or --dry-run'),
  type: {
    ...CREATE_FLAGS.type,
    default: '',
    help: 'Type of the Secret, instead of the one of the source: Opaque, tls, docker-registry, basic-auth, ssh-auth, or a full name such as example.com/token. The items of a known type are checked',
  },
  label: CREATE_FLAGS.label,
  annotation: CREATE_FLAGS.annotation,
  scope: CREATE_FLAGS.scope,
  format: CREATE_FLAGS.format,
  'sealed-secret-file': CREATE_FLAGS['sealed-secret-file'],
  all: CREATE_FLAGS.all,
  'no-note': CREATE_FLAGS['no-note'],
  sign: CREATE_FLAGS.sign,
  ...SEALING_FLAGS,
  for: CREATE_FLAGS.for,
});
