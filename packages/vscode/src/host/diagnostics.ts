import { resolve } from 'node:path';
import { checkFolder, checkText, type Problem } from '@fuin/kubeseal-cli/editor';
import {
  CodeAction,
  CodeActionKind,
  Diagnostic,
  DiagnosticSeverity,
  type Disposable,
  languages,
  Range,
  type TextDocument,
  Uri,
  workspace,
} from 'vscode';
import { isCheckedAlone } from './checked-text.ts';
import { safeWords } from './failure.ts';
import { openFolders, sourceOf, worldOf } from './world.ts';

const SOURCE = 'kubeseal';
/** The editor cuts ranges at the end of the line. */
const END_OF_LINE = 10_000;

/** Shows what `kubeseal check` finds: in documents that are opened or saved, in all files on request. */
export class Diagnostics implements Disposable {
  readonly #collection = languages.createDiagnosticCollection(SOURCE);
  readonly #documentation: string | undefined;
  readonly #subscriptions: readonly Disposable[];

  /** @param documentation address of the page about rules; undefined where there is none */
  constructor(documentation: string | undefined) {
    this.#documentation = documentation;
    const check = (document: TextDocument) => void this.checkDocument(document);
    this.#subscriptions = [
      this.#collection,
      workspace.onDidOpenTextDocument(check),
      workspace.onDidSaveTextDocument((document) => {
        if (document.fileName.endsWith('.kubeseal.yaml')) this.checkOpenDocuments();
        else check(document);
      }),
      workspace.onDidDeleteFiles(({ files }) => this.#forget(files)),
      workspace.onDidRenameFiles(({ files }) => this.#forget(files.map(({ oldUri }) => oldUri))),
      languages.registerCodeActionsProvider(
        [{ language: 'yaml' }, { language: 'json' }],
        { provideCodeActions: (_document, _range, { diagnostics }) => diagnostics.flatMap(actionFor) },
        { providedCodeActionKinds: [CodeActionKind.QuickFix] },
      ),
    ];
  }

  dispose(): void {
    for (const each of this.#subscriptions) each.dispose();
  }

  /** Checks what is open already. */
  checkOpenDocuments(): void {
    for (const document of workspace.textDocuments) void this.checkDocument(document);
  }

  /** Checks the text of one document as the editor has it. */
  async checkDocument(document: TextDocument): Promise<void> {
    if (!isWanted(document) || !isCheckedAlone(document)) return;
    const { version } = document;
    const source = sourceOf(document);
    const problems = await checkText(source, source.world).catch((error: unknown) => [unreadable(error)]);
    if (document.version !== version && !document.isClosed) return; // the check of the newer text follows
    this.#collection.set(
      document.uri,
      problems.map((problem) => this.#diagnosticOf(problem)),
    );
  }

  /** Checks all files of all folders; gives how many were read, and how many problems there are. */
  async checkWorkspace(): Promise<{ readonly files: number; readonly problems: number }> {
    let [files, problems] = [0, 0];
    this.#collection.clear();
    const folders = openFolders();
    for (const folder of folders) {
      const found = await checkFolder(worldOf(folder), workspace.isTrusted, folders);
      files += found.files;
      problems += found.problems.length;
      for (const [file, own] of Map.groupBy(found.problems, (problem) => problem.file))
        this.#collection.set(
          Uri.file(resolve(folder, file)),
          own.map((problem) => this.#diagnosticOf(problem)),
        );
    }
    return { files, problems };
  }

  #forget(files: readonly Uri[]): void {
    for (const file of files) this.#collection.delete(file);
  }

  #diagnosticOf({ line, severity, message, hint, rule }: Problem): Diagnostic {
    const range = new Range(line - 1, 0, line - 1, END_OF_LINE);
    const level = severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning;
    const diagnostic = new Diagnostic(range, hint === undefined ? message : `${message}\n${hint}`, level);
    diagnostic.source = SOURCE;
    if (rule !== undefined)
      diagnostic.code = this.#documentation ? { value: rule, target: Uri.parse(this.#documentation) } : rule;
    return diagnostic;
  }
}

/** Whether the configuration asks for checks of documents. */
function isWanted({ uri }: TextDocument): boolean {
  return workspace.getConfiguration(SOURCE, uri).get('check', true);
}

/** Settings that are wrong keep nothing else from working. */
function unreadable(error: unknown): Problem {
  return { file: '', line: 1, severity: 'warning', ...safeWords(error), rule: undefined };
}

/** What removes a finding. */
const FIXES: Readonly<Record<string, { readonly title: string; readonly command: string }>> = {
  'plain-secret': { title: 'Seal this file', command: 'kubeseal.sealFile' },
};

function actionFor(diagnostic: Diagnostic): CodeAction[] {
  const { code, source } = diagnostic;
  const rule = typeof code === 'object' ? code.value : code;
  const fix = source === SOURCE ? FIXES[String(rule)] : undefined;
  if (!fix) return [];
  const action = new CodeAction(`Kubeseal: ${fix.title}`, CodeActionKind.QuickFix);
  action.command = fix;
  action.diagnostics = [diagnostic];
  return [action];
}
