export { helpWithChoices, visibleFlags } from './describe.ts';
export { flagRows, formatHelp, formatRows, type HelpRow, widthOf } from './help.ts';
export { formatManual, type ManualPage } from './manual.ts';
export * from './parsing.ts';
