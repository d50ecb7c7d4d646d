export * from './completion.ts';
export * from './describe.ts';
export * from './help.ts';
export * from './manual.ts';
export * from './parsing.ts';
