import { defineFlags } from '@fuin/flags/parsing';
import { CERTIFICATE_FLAGS } from './flags.ts';

/** The flags of `kubeseal cert check`. */
export const CERT_CHECK_FLAGS = defineFlags({
  ...CERTIFICATE_FLAGS,
  json: { type: 'bool', default: false, help: 'Print a JSON document' },
});

/** The flags of `kubeseal cert update`. */
export const CERT_UPDATE_FLAGS = defineFlags({
  ...CERTIFICATE_FLAGS,
  cert: {
    ...CERTIFICATE_FLAGS.cert,
    help: 'New certificate of the one cluster that is named, instead of the one that its controller serves: a file or an https URL',
  },
  yes: { type: 'bool', default: false, help: 'Replace without asking' },
});
