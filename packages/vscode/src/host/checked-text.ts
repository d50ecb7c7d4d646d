import { isManifestName } from '@fuin/kubeseal-cli/editor';

const LANGUAGES = ['yaml', 'json', 'jsonc', 'helm'];
/** What is larger is checked with the workspace only, so that typing stays fast. */
const MAX_LENGTH = 4 * 1024 * 1024;

/** The parts of a document of VS Code that decide whether it is checked. */
export interface OpenText {
  readonly uri: { readonly scheme: string };
  readonly fileName: string;
  readonly languageId: string;
  getText(): string;
}

/** Whether a text is checked when it is opened or saved. */
export function isCheckedAlone(text: OpenText): boolean {
  const { uri, languageId, fileName } = text;
  if (uri.scheme !== 'file') return false;
  if (!LANGUAGES.includes(languageId) && !isManifestName(fileName)) return false;
  return text.getText().length <= MAX_LENGTH;
}
