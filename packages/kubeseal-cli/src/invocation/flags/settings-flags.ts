import { defineFlags } from '@fuin/flags/parsing';

/** Which settings file counts, and which cluster of it. */
export const SETTINGS_FLAGS = defineFlags({
  config: {
    type: 'string',
    default: '',
    help: 'Settings file, instead of the nearest .kubeseal.yaml in the directory of a file or above',
    isFile: true,
  },
  'no-config': { type: 'bool', default: false, help: 'Use no settings file' },
  for: {
    type: 'string',
    default: '',
    help: 'Cluster of the settings file to seal for, where the name of the file does not say it',
  },
});
