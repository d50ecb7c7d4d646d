import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeFiles } from '../../scripts/files.ts';
import { isBrowserMissing, type OpenBrowser, openChromium } from '../support/browser/chromium.ts';
import { documentedBlocks } from '../support/pages/page.ts';
import { type LoggedProcess, startLogged } from '../support/processes/logged-process.ts';
import { eventually } from '../support/time/eventually.ts';
import { vscodeServer } from '../support/tools/code-server.ts';
import { Workbench } from './workbench.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');
const PAGE = 'docs/vscode.md';

/** Whether tests with the editor are skipped. */
export const isSkipped = isBrowserMissing('extension for VS Code');

/** A checkout and the commands `code` and `npx`, as the reader of the page has them. */
async function playPage(
  directory: string,
  { code, env }: { code: string; env: NodeJS.ProcessEnv },
): Promise<void> {
  const bin = join(directory, 'bin');
  await mkdir(bin);
  await symlink(join(ROOT, 'scripts'), join(directory, 'scripts'));
  const npx = '[ "$1 $2 $3 $4" = "-y pnpm@12 exec node" ] && shift 4';
  const programs = { code: `exec ${code} "$@"`, npx: `${npx} && exec '${process.execPath}' "$@"` };
  for (const [name, body] of Object.entries(programs))
    await writeFile(join(bin, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  const blocks = documentedBlocks().filter(({ page }) => page === PAGE);
  for (const { script } of blocks) await run('bash', ['-euc', script], { cwd: directory, env });
}

/** The server of VS Code with the packed extension, and a browser that shows it. */
export class VscodeServer {
  readonly #browser: OpenBrowser;
  readonly #server: LoggedProcess;
  readonly #directory: string;
  readonly #url: string;

  private constructor(browser: OpenBrowser, server: LoggedProcess, directory: string, url: string) {
    this.#browser = browser;
    this.#server = server;
    this.#directory = directory;
    this.#url = url;
  }

  /** Packs and installs the extension with the commands of its page, and starts server and browser. */
  static async start(): Promise<VscodeServer> {
    const directory = await mkdtemp(join(tmpdir(), 'vscode-'));
    const env = { PATH: `${join(directory, 'bin')}:${process.env['PATH']}`, HOME: directory };
    const places = ['--user-data-dir', join(directory, 'data'), '--extensions-dir', join(directory, 'ext')];
    const program = [process.execPath, vscodeServer];
    await playPage(directory, { code: `'${program.join("' '")}' ${places.join(' ')}`, env });
    const flags = ['--host', '127.0.0.1', '--port', '0', '--without-connection-token', ...places];
    const server = await startLogged({
      command: () => [...program, ...flags, '--accept-server-license-terms', '--telemetry-level', 'off'],
      env,
    });
    const port = await eventually('the server of VS Code', async () => {
      const [, found] = /Extension host agent listening on (\d+)/.exec(await server.logs()) ?? [];
      return found;
    });
    const viewport = { width: 1200, height: 800 };
    return new VscodeServer(await openChromium({ viewport }), server, directory, `http://127.0.0.1:${port}/`);
  }

  /** Opens a new folder with these files, and says whether its authors are trusted. */
  async open(files: Readonly<Record<string, string>>, isTrusted = true): Promise<Workbench> {
    const folder = await mkdtemp(join(this.#directory, 'folder-'));
    await writeFiles(folder, Object.entries(files));
    const page = await this.#browser.context.newPage();
    return Workbench.at(page, { url: `${this.#url}?folder=${folder}`, folder, isTrusted });
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#server.stop();
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 10 });
  }
}
