import { defineFlags } from '@fuin/flags/parsing';
import { bool, file, string, texts } from './rows.ts';

/** Who vouches for what is sealed. */
export const SIGN_FLAGS = defineFlags({
  sign: file(
    'Sign what is sealed with this key of SSH: the file of a private key, or of the public key of one that the agent holds',
  ),
});

/** Which settings file counts, and which cluster of it. */
export const SETTINGS_FLAGS = defineFlags({
  config: file('Settings file, instead of the nearest .kubeseal.yaml in the directory of a file or above'),
  'no-config': bool('Use no settings file'),
  for: string('Cluster of the settings file to seal for, where the name of the file does not say it'),
});

/** In which format values are sealed, and for which post-quantum keys. */
export const FORMAT_FLAGS = defineFlags({
  'format-version': {
    type: 'enum',
    choices: ['1', '2'],
    default: '1',
    help: "Format of sealed values. 2 withstands quantum computers; only Fuin's controller opens it, with its flag --v2-keys",
  },
  recipient: {
    ...texts(
      'Key of format 2 to seal for (fuin1...), or a file of them, instead of the key of the controller. Each of up to 16 opens the values. May be repeated',
    ),
    env: false,
  },
});

/** What sealing adds to values of format 2. */
export const TERM_FLAGS = defineFlags({
  expires: {
    ...string(
      'After this day or time (2027-01-31, 2027-01-31T12:00:00Z), or so many hours, days or weeks from now (12h, 90d, 4w), nobody should use the values; needs --format-version 2',
    ),
    env: false,
  },
  'bind-item': { ...bool('Bind each value to the name of its item; needs --format-version 2'), env: false },
});

/** All flags about the format of what is sealed. */
export const VALUE_FLAGS = defineFlags({ ...FORMAT_FLAGS, ...TERM_FLAGS });
