export { formatCompletion, SHELLS } from './completion.ts';
export { formatHelp } from './help.ts';
export { formatManual, type ManualPage } from './manual.ts';
export * from './parsing.ts';
