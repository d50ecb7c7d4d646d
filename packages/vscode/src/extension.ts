import type { ExtensionContext } from 'vscode';
import { registerCommands } from './host/commands.ts';
import { Diagnostics } from './host/diagnostics.ts';
import { Reports } from './host/reports.ts';

/** Called by VS Code when a YAML or JSON file is opened, or a command is run. */
export function activate(context: ExtensionContext): void {
  const documentation: unknown = context.extension.packageJSON['documentation'];
  const diagnostics = new Diagnostics(typeof documentation === 'string' ? documentation : undefined);
  const reports = new Reports();
  context.subscriptions.push(diagnostics, reports, ...registerCommands(diagnostics, reports));
  diagnostics.checkOpenDocuments();
}
