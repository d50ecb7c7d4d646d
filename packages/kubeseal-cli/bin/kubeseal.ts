#!/usr/bin/env node
import { processIo } from '../src/io/io.ts';
import { main } from '../src/main.ts';

// no top-level await: chunks that load lazily import this one, and would wait for it while it waits for them
void main(process.argv.slice(2), processIo()).then((code) => {
  process.exitCode = code;
});
