import { readFileSync } from 'node:fs';
import { fetchGo, type ProgramRecord } from '../../../packages/go-template/build.ts';

const FILE = new URL('../../../packages/go-template/src/go-template.wasm.json', import.meta.url);

/** Which Go made the template engine, and what came out. */
export const PROGRAM_RECORD: ProgramRecord = JSON.parse(readFileSync(FILE, 'utf8'));

/** Fetches what the template engine is rebuilt with, whatever Go is installed. */
export function installTemplateEngineTools(): void {
  fetchGo(PROGRAM_RECORD.goVersion);
}
