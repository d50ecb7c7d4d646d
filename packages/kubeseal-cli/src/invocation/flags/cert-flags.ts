import { defineFlags } from '@fuin/flags/parsing';
import { CERTIFICATE_FLAGS } from './flags.ts';
import { bool } from './rows.ts';

/** The flags of `kubeseal cert check`. */
export const CERT_CHECK_FLAGS = defineFlags({
  ...CERTIFICATE_FLAGS,
  json: bool('Print a JSON document'),
  'fail-fast': bool('Stop at the first cluster whose certificate cannot be judged'),
});

/** The flags of `kubeseal cert update`. */
export const CERT_UPDATE_FLAGS = defineFlags({
  ...CERTIFICATE_FLAGS,
  cert: {
    ...CERTIFICATE_FLAGS.cert,
    help: 'New certificate of the one cluster that is named, instead of the one that its controller serves: a file or an https URL',
  },
  yes: bool('Replace without asking'),
  'dry-run': bool('Print what would change as a diff, ask nobody, and write nothing'),
  json: bool('Print a JSON document about what was replaced'),
  'fail-fast': bool('Stop at the first cluster whose certificate cannot be replaced'),
});
