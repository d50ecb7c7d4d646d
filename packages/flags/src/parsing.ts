// The part without help. Programs that must start fast import it, and the other entry only for help.
export { type ParsedFlags, parseFlags } from './parse.ts';
export { defineFlags, type FlagRow, type FlagTable, type FlagValues } from './table.ts';
export { parseDuration } from './values/duration.ts';
export { quote } from './values/quote.ts';
