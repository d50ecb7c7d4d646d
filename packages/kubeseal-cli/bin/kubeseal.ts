#!/usr/bin/env node
import { processIo } from '../src/io.ts';
import { main } from '../src/main.ts';

process.exitCode = await main(process.argv.slice(2), await processIo());
