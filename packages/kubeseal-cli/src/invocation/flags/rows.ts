import type { FlagRow } from '@fuin/flags/parsing';

/** A flag that is off unless it is given. */
export const bool = (help: string) => ({ type: 'bool', default: false, help }) as const satisfies FlagRow;

/** A flag with one text; `''` means that it was not given. */
export const string = (
  help: string,
  more: { short?: string; default?: string; isFile?: boolean; suggestions?: readonly string[] } = {},
) => ({ type: 'string', default: '', help, ...more }) as const satisfies FlagRow;

/** A flag that may be repeated, each time with one text. */
export const texts = (help: string, more: { short?: string; isFile?: boolean } = {}) =>
  ({ type: 'stringArray', default: [] as readonly string[], help, ...more }) as const satisfies FlagRow;

/** A flag with one file. */
export const file = (help: string) => string(help, { isFile: true });

/** A flag that may be repeated, each time with one file. */
export const files = (help: string) => texts(help, { isFile: true });

/** A flag with files, repeated or comma-separated. */
export const fileList = (help: string) =>
  ({ type: 'stringSlice', default: [] as readonly string[], help, isFile: true }) as const satisfies FlagRow;
