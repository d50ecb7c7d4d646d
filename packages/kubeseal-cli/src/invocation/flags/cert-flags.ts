import { defineFlags } from '@fuin/flags/parsing';
import { CERTIFICATE_FLAGS } from './flags.ts';

/** The flags of `kubeseal cert`. */
export const CERT_FLAGS = defineFlags({
  ...CERTIFICATE_FLAGS,
  cert: {
    ...CERTIFICATE_FLAGS.cert,
    help: '(update) New certificate of the one cluster that is named, instead of the one that its controller serves: a file or an https URL',
  },
  yes: { type: 'bool', default: false, help: '(update) Replace without asking' },
  json: { type: 'bool', default: false, help: '(check) Print a JSON document' },
});
