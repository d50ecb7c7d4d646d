// What needs no commander: programs that start often import this entry and load the other one for help only.
export * from './duration.ts';
export * from './parse.ts';
export * from './table.ts';
