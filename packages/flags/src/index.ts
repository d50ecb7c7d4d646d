export { helpWithChoices, visibleFlags } from './describe.ts';
export { formatGroups, formatHelp, type HelpGroup } from './help.ts';
export { formatManual, type ManualPage } from './manual.ts';
export * from './parsing.ts';
