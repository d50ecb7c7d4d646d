import { defineFlags } from '@fuin/flags/parsing';
import { bool, file, string } from './rows.ts';

/** Which settings file counts, and which cluster of it. */
export const SETTINGS_FLAGS = defineFlags({
  config: file('Settings file, instead of the nearest .kubeseal.yaml in the directory of a file or above'),
  'no-config': bool('Use no settings file'),
  for: string('Cluster of the settings file to seal for, where the name of the file does not say it'),
});
