#!/usr/bin/env node
import { main } from '../src/main.ts';

process.exitCode = await main(process.argv.slice(2), {
  env: process.env,
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  onSignal: (signal, listener) => process.on(signal, listener),
  onFault: (listener) => process.on('uncaughtException', listener), // rejections without a handler come here too
  exit: (code) => process.exit(code),
});
process.exit(); // an answer that somebody does not read must not keep the process
