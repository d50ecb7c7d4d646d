import { Composer, type Document, LineCounter, Parser } from 'yaml';

const OPTIONS = {
  version: '1.1',
  schema: 'failsafe',
  uniqueKeys: false,
  logLevel: 'silent',
  prettyErrors: false,
} as const;
/** What the library reports and go-yaml reads without a word: a comment right behind a quote or bracket. */
const NO_ERROR = /^Comments must be separated/;
/** go-yaml asks for no indent inside of brackets and quotes; JSON is pasted behind a key so. */
const UNINDENTED = ['parseFlowCollection', 'parseQuotedScalar'] as const;

/** The documents of a YAML source as trees of nodes with their places. */
export interface Documents {
  readonly documents: readonly Document[];
  readonly lines: LineCounter;
}

/** Parses what go-yaml v2 accepts; errors stand in the documents, see errorOf. Tokens are kept for those who edit the source. */
export function parseDocuments(source: string, keepSourceTokens = false): Documents {
  const lines = new LineCounter();
  const parser = new Parser(lines.addNewLine);
  for (const method of UNINDENTED) withoutIndent(parser, method);
  return {
    documents: [
      ...new Composer({ ...OPTIONS, keepSourceTokens }).compose(parser.parse(source)),
    ] as Document[],
    lines,
  };
}

/** What is wrong with a document; undefined when go-yaml would read it. */
export function errorOf(document: Document): Document['errors'][number] | undefined {
  return document.errors.find(({ message }) => !NO_ERROR.test(message));
}

/** Has the lexer ask for no indent while it reads such a token. The library has no option for it. */
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
