/**
 * Names that belong to the person or company that publishes. They stand here and nowhere else: image, chart,
 * npm packages, package managers and workflows derive theirs from them. As long as they are these, nothing
 * can be published, and nobody else can take the names of the image.
 */
export const OWNER: Owner = {
  registry: 'localhost/fuin',
  npmScope: '@fuin',
  repository: 'https://localhost/fuin/fuin',
  forge: 'github',
  maintainer: 'Fuin <fuin@localhost>',
};

/** Who publishes, and where. */
export interface Owner {
  /** Host and path below which image and chart lie, without a scheme: `registry.example/team`. */
  readonly registry: string;
  /** With the `@`. */
  readonly npmScope: string;
  /** Page of the repository, without a slash at the end. */
  readonly repository: string;
  /** Whose software the repository runs on; it decides the addresses of files. */
  readonly forge: 'github' | 'gitlab';
  /** `Name <address>`, for packages of Debian and others that name a person. */
  readonly maintainer: string;
}

const SHAPES: Readonly<Record<Exclude<keyof Owner, 'forge'>, RegExp>> = {
  registry: /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)+$/,
  npmScope: /^@[a-z0-9][a-z0-9._-]*$/,
  repository: /^https:\/\/[\w.-]+(\/[\w.-]+){2,}$/,
  maintainer: /^[^<>"\n]+ <[^<>@\s"]+@[^<>@\s"]+>$/,
};

/**
 * Names of `owner` that are still those of nobody, or that are no such names; empty where one can publish.
 */
export function unfilledNames(owner: Owner): string[] {
  const names = Object.keys(SHAPES) as (keyof typeof SHAPES)[];
  return names.filter((name) => /\blocalhost\b/.test(owner[name]) || !SHAPES[name].test(owner[name]));
}

/** Name of the image, without a tag. */
export function imageName({ registry }: Owner): string {
  return `${registry}/sealed-secrets-controller`;
}

/** The image's name as the chart has it: registry and repository apart. */
export function imageParts(owner: Owner): { readonly registry: string; readonly repository: string } {
  const [registry = '', ...path] = imageName(owner).split('/');
  return { registry, repository: path.join('/') };
}

/** Where the chart is pushed to; Helm adds the chart's name. */
export function chartsAddress({ registry }: Owner): string {
  return `oci://${registry}/charts`;
}

/** Where a file of a release can be downloaded. */
export function downloadAddress({ repository, forge }: Owner, version: string, file: string): string {
  const folder = { github: `releases/download/v${version}`, gitlab: `-/releases/v${version}/downloads` };
  return `${repository}/${folder[forge]}/${file}`;
}

/** Where a person reads a file of this version; undefined as long as the repository is that of nobody. */
export function fileAddress(owner: Owner, version: string, path: string): string | undefined {
  if (unfilledNames(owner).includes('repository')) return undefined;
  const folder = { github: 'blob', gitlab: '-/blob' };
  return `${owner.repository}/${folder[owner.forge]}/v${version}/${path}`;
}

/** Under whose name the extension for VS Code is published. */
export function extensionPublisher({ npmScope }: Owner): string {
  return npmScope.slice(1);
}
