import type { CommandTable } from '../invocation/command.ts';
import { CERT_COMMANDS } from './certs/rows.ts';
import { CHANGE_COMMANDS } from './change/rows.ts';
import { CHECK_COMMANDS } from './check/rows.ts';
import { GENERAL_COMMANDS } from './general-rows.ts';
import { GIT_COMMANDS } from './git/rows.ts';
import { KEY_COMMANDS } from './keys/rows.ts';
import { OPEN_COMMANDS } from './open/rows.ts';
import { RENDER_COMMANDS } from './render/rows.ts';
import { SEAL_COMMANDS } from './seal/rows.ts';

/**
 * The commands beside upstream's command line, by name. Help, manual page, completion, the documentation and
 * the checks of arguments come from these rows; what a command does is in a file of its own, which its row
 * loads.
 */
export const COMMANDS: CommandTable = Object.fromEntries(
  Object.entries({
    ...SEAL_COMMANDS,
    ...RENDER_COMMANDS,
    ...CHANGE_COMMANDS,
    ...CHECK_COMMANDS,
    ...CERT_COMMANDS,
    ...KEY_COMMANDS,
    ...OPEN_COMMANDS,
    ...GIT_COMMANDS,
    ...GENERAL_COMMANDS,
  }).sort(([a], [b]) => (a < b ? -1 : 1)),
);
