import { PAGE_FILES } from '../page/build-page.ts';

const GO_TEMPLATE = 'packages/go-template/src';

/** One row per thing that ships: where it goes, what it is made of, and where it runs. */
export interface Bundle {
  readonly outDir: string;
  /**
   * Output name -> source. Each becomes `<name>.js`. Shared and lazily loaded code goes into chunks beside
   * them.
   */
  readonly entries: Readonly<Record<string, string>>;
  readonly platform: 'browser' | 'node';
  /** Modules of CommonJS, as `<name>.cjs`, where what loads them takes no others. */
  readonly isCommonJs?: boolean;
  /** True for the smallest; an object where names are to stay readable in stack traces. */
  readonly minify?: boolean | { readonly mangle: false };
  /**
   * The module whose imports go into one chunk: each file costs kubeseal a part of a millisecond at every
   * start.
   */
  readonly initial?: string;
  /** Files that the program reads at run time beside its code. */
  readonly assets?: readonly string[];
  /** Packages that stay imports: the package that ships names them as dependencies. */
  readonly external?: readonly string[];
  /** Entry name -> source whose declarations ship beside the code. */
  readonly types?: Readonly<Record<string, string>>;
}

/** Both programs render templates: the worker thread and its WebAssembly are looked up beside the bundle. */
const templateEngine = { 'go-template-worker': `${GO_TEMPLATE}/go-template-worker.ts` };
/** What holds this file holds the Go modules that are compiled into it. */
export const TEMPLATE_PROGRAM = `${GO_TEMPLATE}/go-template.wasm.br`;

const CORE_ENTRIES = {
  index: 'packages/crypto-core/src/index.ts',
  errors: 'packages/crypto-core/src/errors.ts',
  x509: 'packages/crypto-core/src/keys/new-certificate.ts',
  v2: 'packages/crypto-core/src/keys/x-wing/index.ts',
};

/** For a page without a bundler: smallest, and complete. */
export const BROWSER_CORE: Bundle = {
  outDir: 'packages/crypto-core/dist/browser',
  entries: CORE_ENTRIES,
  platform: 'browser',
  minify: true,
};

/** Where the sealing page is built. */
export const PAGE_DIRECTORY = 'packages/web/dist';
/** The form of the page that the controller serves. */
export const SERVED_PAGE = `${PAGE_DIRECTORY}/${PAGE_FILES.controller}`;

/** Where the extension for VS Code is built. */
export const EXTENSION_DIRECTORY = 'packages/vscode/dist';

/** In the order in which they are built. */
export const BUNDLES: readonly Bundle[] = [
  {
    outDir: 'packages/crypto-core/dist',
    entries: CORE_ENTRIES,
    platform: 'browser', // and Node: nothing in it needs either
    external: ['node-forge', 'hpke', '@scure/base', '@panva/hpke-noble'],
    types: CORE_ENTRIES,
  },
  BROWSER_CORE, // after the folder it lies in, which is emptied first
  {
    outDir: 'packages/go-template/dist',
    entries: { index: `${GO_TEMPLATE}/index.ts`, ...templateEngine },
    platform: 'node',
    assets: [TEMPLATE_PROGRAM],
    types: { index: `${GO_TEMPLATE}/index.ts` },
  },
  {
    outDir: 'packages/kubeseal-cli/dist',
    entries: {
      kubeseal: 'packages/kubeseal-cli/bin/kubeseal.ts',
      index: 'packages/kubeseal-cli/src/index.ts',
      ...templateEngine,
    },
    platform: 'node',
    minify: true, // it starts anew for each command
    initial: 'packages/kubeseal-cli/src/index.ts', // not the program: who imports the package does not run it
    assets: [TEMPLATE_PROGRAM],
    types: { index: 'packages/kubeseal-cli/src/index.ts' },
  },
  {
    outDir: 'packages/controller/dist',
    entries: {
      'sealed-secrets-controller': 'packages/controller/bin/sealed-secrets-controller.ts',
      main: 'packages/controller/src/main.ts',
      ...templateEngine,
    },
    platform: 'node',
    minify: { mangle: false }, // source text stays in memory; names stay for logged stacks
    assets: [TEMPLATE_PROGRAM, SERVED_PAGE],
    types: { main: 'packages/controller/src/main.ts' },
  },
  {
    outDir: EXTENSION_DIRECTORY,
    entries: { extension: 'packages/vscode/src/extension.ts' },
    platform: 'node',
    isCommonJs: true, // every editor that is derived from VS Code loads it
    minify: true,
    external: ['vscode'], // the editor itself
  },
];
