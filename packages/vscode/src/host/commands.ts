import { SealedSecretsError } from '@fuin/crypto-core';
import {
  clearItemAt,
  counted,
  type EditorText,
  inspectText,
  sealedIn,
  sealText,
  setItem,
  smallestEdit,
} from '@fuin/kubeseal-cli/editor';
import {
  commands,
  type Disposable,
  ProgressLocation,
  Range,
  type TextDocument,
  type TextEditor,
  WorkspaceEdit,
  window,
  workspace,
} from 'vscode';
import { askForItem, askForSealed, askForSealing, askForValue } from './ask.ts';
import type { Diagnostics } from './diagnostics.ts';
import { safeWords } from './failure.ts';
import { refuse, say, warnOf } from './notify.ts';
import type { Reports } from './reports.ts';
import { collectWarnings, sourceOf, type Warnings } from './world.ts';

const HISTORY =
  'It held values in the clear. If it was ever committed, they stay in the history of Git, and VS Code keeps copies in its Timeline: change such values.';

type Checker = Pick<Diagnostics, 'checkWorkspace'>;

/** Registers the commands of the manifest. */
export function registerCommands(diagnostics: Checker, reports: Pick<Reports, 'show'>): Disposable[] {
  const ofEditor = (name: string, act: (editor: TextEditor, warnings: Warnings) => Promise<void>) =>
    commands.registerCommand(name, () => withEditor(act));
  return [
    ofEditor('kubeseal.sealFile', sealFile),
    ofEditor('kubeseal.sealSelection', sealSelection),
    ofEditor('kubeseal.setItem', setOneItem),
    ofEditor('kubeseal.inspect', async ({ document }) => {
      const source = sourceOf(document);
      await reports.show(document, await inspectText(source, source.world));
    }),
    commands.registerCommand('kubeseal.checkWorkspace', () => explained(() => checkWorkspace(diagnostics))),
  ];
}

async function withEditor(act: (editor: TextEditor, warnings: Warnings) => Promise<void>): Promise<void> {
  const editor = window.activeTextEditor;
  if (!editor) return refuse('open a file first.');
  await explained(async () => {
    const warnings = collectWarnings();
    await act(editor, warnings);
    warnings.show();
  });
}

/** Shows what went wrong. */
async function explained(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    const { message, hint } = safeWords(error);
    refuse(hint === undefined ? message : `${message} (${hint})`);
  }
}

async function sealFile({ document }: TextEditor, warnings: Warnings): Promise<void> {
  await sealRange(document, new Range(0, 0, document.lineCount, 0), warnings);
}

/** A Secret that is selected is sealed; else the value of an item of `encryptedData`. */
async function sealSelection({ document, selection }: TextEditor, warnings: Warnings): Promise<void> {
  refuseUntrusted();
  const source = sourceOf(document, warnings.warn);
  const offset = document.offsetAt(selection.start);
  const found = await clearItemAt(source, offset, warnings.warn).catch(noManifest);
  if (!found) return sealRange(document, wholeLines(document, selection), warnings);
  const chosen = await askForSealing(document, source);
  if (!chosen) return;
  const changed = await setItem(source, found, chosen.sealing, warnings.warn).finally(() =>
    found.value.fill(0),
  );
  await replaceText(document, source, changed.text);
  say(`${found.item} is sealed for ${chosen.name}, key ${changed.sealedWith}.`);
  warnOfHistory(document);
}

/** Half of a line would leave the rest of a value in the clear. In JSON, an object may be part of a line. */
function wholeLines({ languageId }: TextDocument, { start, end }: Range): Range {
  if (languageId.startsWith('json')) return new Range(start, end);
  return new Range(start.line, 0, end.character === 0 ? end.line : end.line + 1, 0);
}

/** A text that cannot be read as a whole may still have a Secret selected. */
function noManifest(error: unknown): undefined {
  if (error instanceof SealedSecretsError && error.code === 'ERR_MANIFEST_INVALID') return undefined;
  throw error;
}

async function sealRange(document: TextDocument, range: Range, warnings: Warnings): Promise<void> {
  refuseUntrusted();
  const source = sourceOf(document, warnings.warn);
  const chosen = await askForSealing(document, source);
  if (!chosen) return;
  const part = { text: document.getText(range), file: source.file };
  const { text, count, sealedWith } = await sealText(part, chosen.sealing, warnings.warn);
  const [start, end] = [document.offsetAt(range.start), document.offsetAt(range.end)];
  await replaceText(document, source, `${source.text.slice(0, start)}${text}${source.text.slice(end)}`);
  say(
    `${counted(count, 'Secret')} ${count === 1 ? 'is' : 'are'} sealed for ${chosen.name}, key ${sealedWith}. Save the file to replace the plaintext.`,
  );
  warnOfHistory(document);
}

async function setOneItem({ document }: TextEditor, warnings: Warnings): Promise<void> {
  refuseUntrusted();
  const source = sourceOf(document, warnings.warn);
  const sealed = await askForSealed(await sealedIn(source, warnings.warn));
  if (!sealed) return;
  const chosen = await askForSealing(document, source);
  const item = chosen && (await askForItem(sealed));
  const value = item === undefined ? undefined : await askForValue(item);
  if (!chosen || item === undefined || value === undefined) return;
  const given = { ...sealed, item, value };
  const changed = await setItem(source, given, chosen.sealing, warnings.warn).finally(() => value.fill(0));
  await replaceText(document, source, changed.text);
  say(`${changed.says} of ${sealed.name} for ${chosen.name}, key ${changed.sealedWith}.`);
}

async function checkWorkspace(diagnostics: Checker): Promise<void> {
  const title = 'Kubeseal: checking the workspace';
  const { files, problems } = await window.withProgress({ location: ProgressLocation.Window, title }, () =>
    diagnostics.checkWorkspace(),
  );
  say(`${counted(problems, 'problem')} in ${counted(files, 'file')}.`);
  if (problems > 0) await commands.executeCommand('workbench.actions.view.problems');
}

/**
 * Changes the document as one step that can be undone; it is not saved.
 *
 * @throws ERR_CONFLICT where the text changed while a person was asked, or is read-only
 */
async function replaceText(
  document: TextDocument,
  { text: before }: EditorText,
  after: string,
): Promise<void> {
  if (document.getText() !== before)
    throw new SealedSecretsError('ERR_CONFLICT', 'the text was changed meanwhile; it stays as it is');
  const { start, end, text } = smallestEdit(before, after);
  const edit = new WorkspaceEdit();
  edit.replace(document.uri, new Range(document.positionAt(start), document.positionAt(end)), text);
  if (await workspace.applyEdit(edit)) return;
  throw new SealedSecretsError('ERR_CONFLICT', 'the text cannot be changed here, or was changed meanwhile', {
    hint: 'nothing was replaced; a read-only text has to be copied into a file first',
  });
}

/** `.kubeseal.yaml` says whom values are sealed for, and a foreign one would name its author. */
function refuseUntrusted(): void {
  if (workspace.isTrusted) return;
  throw new SealedSecretsError('ERR_USAGE', 'nothing is sealed in a workspace that is not trusted', {
    hint: 'its .kubeseal.yaml says whom values are sealed for: trust the workspace first',
  });
}

function warnOfHistory({ uri, fileName }: TextDocument): void {
  if (uri.scheme === 'file') warnOf(`${fileName}: ${HISTORY}`);
}
