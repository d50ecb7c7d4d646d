export * from './duration.ts';
export * from './help.ts';
export * from './parse.ts';
export * from './table.ts';
