import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'vitest';

const run = promisify(execFile);

/** The URLs of the modules that a program loads in a process of its own. It must end by itself. */
export async function modulesLoadedBy(program: string): Promise<string[]> {
  const recording = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context); } });
    ${program}
    console.log('\\n' + JSON.stringify(loaded));
    process.exit();`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', recording], {
    maxBuffer: 1e7,
  });
  const urls = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as string[];
  expect(urls.length).toBeGreaterThan(100);
  return urls;
}
