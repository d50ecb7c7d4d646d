import { type Disposable, EventEmitter, type TextDocument, Uri, ViewColumn, window, workspace } from 'vscode';

const SCHEME = 'kubeseal-report';

/** Reports in read-only documents beside the file that they are about. */
export class Reports implements Disposable {
  readonly #texts = new Map<string, string>();
  readonly #changed = new EventEmitter<Uri>();
  readonly #subscriptions: readonly Disposable[] = [
    this.#changed,
    workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: this.#changed.event,
      provideTextDocumentContent: (uri) => this.#texts.get(uri.toString()),
    }),
    workspace.onDidCloseTextDocument(({ uri }) => void this.#texts.delete(uri.toString())),
  ];

  dispose(): void {
    for (const each of this.#subscriptions) each.dispose();
  }

  /** Shows a report about a document, in the place of the one before. */
  async show(about: TextDocument, text: string): Promise<void> {
    const uri = Uri.from({ scheme: SCHEME, path: `${about.uri.path}.txt` });
    this.#texts.set(uri.toString(), text);
    this.#changed.fire(uri);
    const document = await workspace.openTextDocument(uri);
    await window.showTextDocument(document, { preview: true, viewColumn: ViewColumn.Beside });
  }
}
