import { dirname, relative } from 'node:path';
import { type EditorText, type EditorWorld, sendByFetch } from '@fuin/kubeseal-cli/editor';
import { type TextDocument, type Uri, workspace } from 'vscode';
import { warnOf } from './notify.ts';

/** A document as the rest of the extension knows it. */
export interface Source extends EditorText {
  readonly world: EditorWorld;
}

/** Warnings of one command, to be shown together. */
export interface Warnings {
  readonly warn: EditorWorld['warn'];
  /** Shows them; they name objects and items, never a value. */
  show(): void;
}

/** The text of a document, and the folder that it belongs to. */
export function sourceOf(document: TextDocument, warn: EditorWorld['warn'] = () => undefined): Source {
  const isSaved = document.uri.scheme === 'file';
  const folder = folderOf(document.uri);
  const file = isSaved ? relative(folder, document.uri.fsPath) : '';
  return { text: document.getText(), file, world: worldOf(folder, warn) };
}

/** A folder and what may be done there: in one that nobody trusts, nothing is fetched. */
export function worldOf(folder: string, warn: EditorWorld['warn'] = () => undefined): EditorWorld {
  const send = workspace.isTrusted ? sendByFetch : undefined;
  return { folder, now: () => new Date(), warn, send };
}

function folderOf(uri: Uri): string {
  const own = workspace.getWorkspaceFolder(uri)?.uri;
  if (own?.scheme === 'file') return own.fsPath;
  if (uri.scheme === 'file') return dirname(uri.fsPath);
  return openFolders()[0] ?? process.cwd();
}

/** The open folders. A virtual one has a path too, which would name another folder on this disk. */
export function openFolders(): string[] {
  const folders = workspace.workspaceFolders ?? [];
  return folders.filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
}

/** Collects warnings. Notes are for a terminal. */
export function collectWarnings(): Warnings {
  const texts: string[] = [];
  return {
    warn: (message) => {
      if (message.startsWith('warning: ')) texts.push(message.slice('warning: '.length));
    },
    show: () => {
      if (texts.length > 0) warnOf(texts.join('\n'));
    },
  };
}
