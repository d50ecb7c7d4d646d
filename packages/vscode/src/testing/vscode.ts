/**
 * Stands in for the module `vscode`, which exists inside of VS Code only: one text that is open, and a person
 * who answers. It has what the tests beside `host` need; test/vscode runs the extension in a real VS Code.
 */

interface Place {
  readonly line: number;
  readonly character: number;
}

const START = { line: 0, character: 0 };

/** What a test decides, and what it looks at afterwards. */
export interface Desk {
  text: string;
  scheme: string;
  fsPath: string;
  languageId: string;
  /** The open folders. */
  folders: readonly { readonly scheme: string; readonly fsPath: string }[];
  selection: { readonly start: Place; readonly end: Place };
  isTrusted: boolean;
  /** Whether the editor makes changes. */
  isWritable: boolean;
  /** What the person chooses or types, in order. */
  answers: readonly string[];
  /** How often the person was asked. */
  asked: number;
  whileAsked: () => void;
  /** Notifications. */
  shown: readonly string[];
  commands: Map<string, () => Promise<void>>;
}

const clean = (): Desk => ({
  text: '',
  scheme: 'file',
  fsPath: '',
  languageId: 'yaml',
  folders: [],
  selection: { start: START, end: START },
  isTrusted: true,
  isWritable: true,
  answers: [],
  asked: 0,
  whileAsked: () => undefined,
  shown: [],
  commands: new Map(),
});

export const desk: Desk = clean();

/** Makes the desk as it is at first. */
export function clearDesk(): void {
  Object.assign(desk, clean());
}

export class Range {
  readonly start: Place;
  readonly end: Place;

  constructor(...given: readonly [Place, Place] | readonly [number, number, number, number]) {
    if (given.length === 2) [this.start, this.end] = given;
    else {
      this.start = { line: given[0], character: given[1] };
      this.end = { line: given[2], character: given[3] };
    }
  }
}

export class WorkspaceEdit {
  readonly changes: { readonly range: Range; readonly text: string }[] = [];

  replace(_uri: unknown, range: Range, text: string): void {
    this.changes.push({ range, text });
  }
}

const offsetAt = ({ line, character }: Place): number => {
  const before = desk.text.split('\n').slice(0, line);
  return Math.min(desk.text.length, before.reduce((sum, { length }) => sum + length + 1, 0) + character);
};
const positionAt = (offset: number): Place => {
  const lines = desk.text.slice(0, offset).split('\n');
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
};

/** The text that is open, as it is now. */
export function openText() {
  return {
    uri: { scheme: desk.scheme, fsPath: desk.fsPath },
    fileName: desk.fsPath,
    languageId: desk.languageId,
    lineCount: desk.text.split('\n').length,
    getText: (range?: Range) =>
      range ? desk.text.slice(offsetAt(range.start), offsetAt(range.end)) : desk.text,
    offsetAt,
    positionAt,
  };
}

const answer = async (): Promise<string | undefined> => {
  desk.whileAsked();
  const given = desk.answers[desk.asked];
  desk.asked += 1;
  return given;
};
const show = async (text: string): Promise<void> => {
  desk.shown = [...desk.shown, text];
};

export const ProgressLocation = { Window: 10 };

export const window = {
  get activeTextEditor() {
    return { document: openText(), selection: new Range(desk.selection.start, desk.selection.end) };
  },
  showQuickPick: async (choices: readonly { readonly label: string }[]) => {
    const label = await answer();
    return choices.find((choice) => choice.label === label);
  },
  showInputBox: answer,
  showOpenDialog: async () => {
    const fsPath = await answer();
    return fsPath === undefined ? undefined : [{ fsPath }];
  },
  showInformationMessage: show,
  showWarningMessage: show,
  showErrorMessage: show,
};

export const workspace = {
  get isTrusted() {
    return desk.isTrusted;
  },
  get workspaceFolders() {
    return desk.folders.map((uri) => ({ uri }));
  },
  getWorkspaceFolder: () => workspace.workspaceFolders[0],
  getConfiguration: () => ({ get: (_name: string, usual: unknown) => usual }),
  applyEdit: async ({ changes }: WorkspaceEdit) => {
    if (!desk.isWritable) return false;
    for (const { range, text } of changes)
      desk.text = `${desk.text.slice(0, offsetAt(range.start))}${text}${desk.text.slice(offsetAt(range.end))}`;
    return true;
  },
};

export const commands = {
  registerCommand: (name: string, run: () => Promise<void>) => {
    desk.commands.set(name, run);
    return { dispose: () => void desk.commands.delete(name) };
  },
};
