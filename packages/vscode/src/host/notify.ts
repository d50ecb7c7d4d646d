import { window } from 'vscode';

/**
 * Notifications. Their texts name files, objects and items, which strangers name, and never a value. VS Code
 * makes a link of `[words](command:...)` in a notification, and the link runs the command with arguments. So
 * no text of ours has that form.
 */
const textOf = (text: string): string => `Kubeseal: ${text.replaceAll('](', '] (')}`;

/** Says what was done. */
export function say(text: string): void {
  void window.showInformationMessage(textOf(text));
}

/** Says what a person should look at. */
export function warnOf(text: string): void {
  void window.showWarningMessage(textOf(text));
}

/** Says what was refused or went wrong. */
export function refuse(text: string): void {
  void window.showErrorMessage(textOf(text));
}
