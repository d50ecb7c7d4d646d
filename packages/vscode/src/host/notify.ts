import { window } from 'vscode';
import { notificationText } from './notification-text.ts';

/** Says what was done. */
export function say(text: string): void {
  void window.showInformationMessage(notificationText(text));
}

/** Says what a person should look at. */
export function warnOf(text: string): void {
  void window.showWarningMessage(notificationText(text));
}

/** Says what was refused or went wrong. */
export function refuse(text: string): void {
  void window.showErrorMessage(notificationText(text));
}
