import { Composer, type Document, Lexer, LineCounter, Parser } from 'yaml';
import { type Targets, targetsIn } from './nodes.ts';

const OPTIONS = {
  version: '1.1',
  schema: 'failsafe',
  uniqueKeys: false,
  logLevel: 'silent',
  prettyErrors: false,
} as const;
/** An error of the library that is none for go-yaml: a comment right behind a quote or bracket. */
const NO_ERROR = /^Comments must be separated/;
/** go-yaml needs no indent inside of brackets and quotes: people paste JSON behind a key. */
const UNINDENTED = ['parseFlowCollection', 'parseQuotedScalar'] as const;

/**
 * Line breaks of YAML 1.1, which go-yaml obeys. For YAML 1.2 or the library they are ordinary characters. A
 * carriage return is one of them unless it belongs to a line end of Windows.
 */
const OLD_BREAKS = /[\u0085\u2028\u2029]|\r(?!\n|$)/;
/**
 * Byte order marks that begin a line, as in files that were joined. go-yaml skips them; the library makes
 * them part of a key.
 */
export const LINE_MARKS: RegExp = /^\ufeff/gm;
/** The token before the text of an unquoted scalar. */
const SCALAR_MARK = '\u001f';

/**
 * The line in which anything but a quoted scalar holds a line break that only YAML 1.1 knows; undefined when
 * there is none. go-yaml ends the comment or the value there. In quotes it reads on.
 */
export function lineOfOldBreak(source: string): number | undefined {
  if (!OLD_BREAKS.test(source)) return undefined;
  let line = 1;
  let before = '';
  for (const token of new Lexer().lex(source)) {
    const isQuoted = before !== SCALAR_MARK && /^["']/.test(token);
    const breaks = isQuoted ? null : OLD_BREAKS.exec(token);
    if (breaks) return line + linesIn(token.slice(0, breaks.index));
    line += linesIn(token);
    before = token;
  }
  return undefined;
}

function linesIn(text: string): number {
  return text.split('\n').length - 1;
}

/**
 * One document as a tree of nodes with their places in the source, and the node that each alias stands for.
 */
export interface ParsedDocument {
  readonly document: Document;
  readonly targets: Targets;
}

/** The documents of a YAML text. */
export interface ParsedSource {
  /** The text without LINE_MARKS; all places are places in it. */
  readonly source: string;
  readonly documents: readonly ParsedDocument[];
  readonly lines: LineCounter;
}

/**
 * Parses what go-yaml v2 accepts. Errors stand in the documents, see errorOf.
 *
 * @param keepTokens whether the nodes keep their tokens, which editYaml needs
 */
export function parseDocuments(text: string, keepTokens: boolean): ParsedSource {
  const source = text.replace(LINE_MARKS, '');
  const lines = new LineCounter();
  const parser = new Parser(lines.addNewLine);
  for (const method of UNINDENTED) withoutIndent(parser, method);
  const composer = new Composer({ ...OPTIONS, keepSourceTokens: keepTokens });
  const documents = [...composer.compose(parser.parse(source))] as Document[];
  return {
    source,
    documents: documents.map((document) => ({ document, targets: targetsIn(document) })),
    lines,
  };
}

/** What is wrong with a document; undefined when go-yaml would read it. */
export function errorOf(document: Document): Document['errors'][number] | undefined {
  return document.errors.find(({ message }) => !NO_ERROR.test(message));
}

/** Makes the lexer accept such a token without an indent. The library has no option for it. */
function withoutIndent(parser: Parser, method: (typeof UNINDENTED)[number]): void {
  const lexer = parser['lexer'];
  const read = lexer[method] as () => Generator<string, unknown>;
  Object.defineProperty(lexer, method, {
    value: function* () {
      const asked = lexer['indentNext'];
      lexer['indentNext'] = 0;
      const next = yield* read.call(lexer);
      lexer['indentNext'] = asked;
      return next;
    },
  });
}
