import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { packExtension } from '../../scripts/vscode/pack.ts';
import { isBrowserMissing, type OpenBrowser, openChromium } from '../support/browser/chromium.ts';
import { type LoggedProcess, startLogged } from '../support/processes/logged-process.ts';
import { eventually } from '../support/time/eventually.ts';
import { vscodeServer } from '../support/tools/code-server.ts';
import { Workbench } from './workbench.ts';

const run = promisify(execFile);

/** Whether tests with the editor are skipped. */
export const isSkipped = isBrowserMissing('extension for VS Code');

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

  /** Packs the extension, installs it as a person would, and starts server and browser. */
  static async start(): Promise<VscodeServer> {
    const directory = await mkdtemp(join(tmpdir(), 'vscode-'));
    const [vsix = ''] = await packExtension(join(directory, 'packed'));
    const env = { PATH: process.env['PATH'], HOME: directory };
    const places = ['--user-data-dir', join(directory, 'data'), '--extensions-dir', join(directory, 'ext')];
    const program = [process.execPath, vscodeServer];
    const install = ['--install-extension', join(directory, 'packed', vsix), ...places];
    await run(process.execPath, [vscodeServer, ...install], { env });
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
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    const page = await this.#browser.context.newPage();
    return Workbench.at(page, { url: `${this.#url}?folder=${folder}`, folder, isTrusted });
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#server.stop();
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 10 });
  }
}
