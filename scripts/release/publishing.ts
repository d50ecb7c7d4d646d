import { chartsAddress, imageName, type Owner, unfilledNames } from '../owner.ts';
import { FOLDER } from '../packages/manifests.ts';
import { documentationFile } from '../site/archive.ts';

/** One thing to push, and the shell command that does it in the folder of the release. */
export interface Step {
  readonly what: string;
  readonly where: string;
  /**
   * With crane, helm, cosign and npm on the PATH; $IMAGE_LAYOUT is the image, unpacked. Empty: `by` does it.
   */
  readonly command: string;
  /** Who does what no command does; a person, by default. */
  readonly by?: string;
}

/**
 * What publishes a release, in an order in which nothing refers to what is not there yet. Signatures are
 * keyless: cosign and npm prove by the identity of the CI job who made it.
 */
export function publishSteps(owner: Owner, version: string, files: readonly string[]): Step[] {
  const image = `${imageName(owner)}:${version}`;
  const charts = chartsAddress(owner);
  const chart = `${charts.replace('oci://', '')}/sealed-secrets:${version}`;
  const sign = (name: string) => `cosign sign --yes --recursive "$(crane digest --full-ref ${name})"`;
  const npm = files.filter((file) => file.startsWith(`${owner.npmScope.slice(1)}-`) && file.endsWith('.tgz'));
  const own = files.filter((file) => !file.startsWith(FOLDER) && !npm.includes(file));
  return [
    { what: 'the image', where: image, command: `crane push "$IMAGE_LAYOUT" ${image}` },
    { what: "the image's signature", where: image, command: sign(image) },
    ...attestations(image, files),
    {
      what: 'the chart',
      where: chart,
      command: `helm push sealed-secrets-${version}.tgz ${charts}`,
    },
    { what: "the chart's signature", where: chart, command: sign(chart) },
    ...npm.map((file) => ({
      what: file,
      where: `npm, ${owner.npmScope}`,
      command: `npm publish --provenance --access public ./${file}`,
    })),
    {
      what: 'the signature of all files',
      where: 'SHA256SUMS.sigstore.json',
      command: 'cosign sign-blob --yes --bundle SHA256SUMS.sigstore.json SHA256SUMS',
    },
    forgeRelease(owner, version, [...own, 'SHA256SUMS.sigstore.json']),
    documentation(owner, version),
    ...extensions(files),
    ...byHand(files),
  ];
}

/** A bill of materials for each architecture, attached to the image of that architecture. */
function attestations(image: string, files: readonly string[]): Step[] {
  return files.flatMap((file) => {
    const [, arch] = /-image-linux-(\w+)\.cdx\.json$/.exec(file) ?? [];
    if (!arch) return [];
    const digest = `$(crane digest --platform linux/${arch} --full-ref ${image})`;
    const command = `cosign attest --yes --type cyclonedx --predicate ${file} "${digest}"`;
    return [{ what: file, where: `${image} for ${arch}`, command }];
  });
}

function forgeRelease({ repository, forge }: Owner, version: string, files: readonly string[]): Step {
  const tag = `v${version}`;
  const commands = {
    github: `gh release create ${tag} --verify-tag --title ${tag} --generate-notes ${files.join(' ')}`,
    gitlab: gitlabRelease(version, files),
  };
  const where = forge === 'github' ? `${repository}/releases/tag/${tag}` : `${repository}/-/releases/${tag}`;
  return { what: `${files.length} files`, where, command: commands[forge] };
}

/** A workflow serves the documentation of all releases, once this one has its files. */
function documentation({ forge }: Owner, version: string): Step {
  const by = { github: '.github/workflows/pages.yml', gitlab: 'the job pages of .gitlab-ci.yml' }[forge];
  return { what: documentationFile(version), where: 'the pages of the repository', command: '', by };
}

/** The registries of extensions know a person, not a CI job. */
function extensions(files: readonly string[]): Step[] {
  const own = files.filter((file) => file.endsWith('.vsix'));
  return own.map((what) => ({ what, where: 'the Visual Studio Marketplace and Open VSX', command: '' }));
}

/** Uploads each file as a generic package, then makes the release, which has a lasting link to each. */
function gitlabRelease(version: string, files: readonly string[]): string {
  const call = 'curl -fsS -H "JOB-TOKEN: $CI_JOB_TOKEN"';
  return [
    'project="$CI_API_V4_URL/projects/$CI_PROJECT_ID"; links=',
    `for file in ${files.join(' ')}; do url="$project/packages/generic/fuin/${version}/$file"`,
    `${call} -T "$file" "$url"`,
    'links="$links,{\\"name\\":\\"$file\\",\\"url\\":\\"$url\\",\\"direct_asset_path\\":\\"/$file\\"}"; done',
    `${call} -H 'Content-Type: application/json' -d "{\\"tag_name\\":\\"v${version}\\",\\"assets\\":{\\"links\\":[\${links#,}]}}" "$project/releases"`,
  ].join('; ');
}

/** Repositories of others take what a person proposes to them. */
const MANAGERS: Readonly<Record<string, string>> = {
  aur: 'the AUR, after makepkg --printsrcinfo > .SRCINFO',
  homebrew: 'a tap of yours, Formula/kubeseal.rb',
  krew: 'krew-index, plugins/seal-secret.yaml',
  nix: 'an overlay of yours, or nixpkgs',
  scoop: 'a bucket of yours, bucket/kubeseal.json',
  winget: 'winget-pkgs, manifests/f/Fuin/Kubeseal',
};

function byHand(files: readonly string[]): Step[] {
  const folders = new Set(
    files.filter((file) => file.startsWith(FOLDER)).map((file) => file.split('/')[1] ?? ''),
  );
  return [...folders].map((folder) => ({
    what: `${FOLDER}/${folder}`,
    where: MANAGERS[folder] ?? folder,
    command: '',
  }));
}

/** The steps as text, and what stands in the way. */
export function describeSteps(owner: Owner, steps: readonly Step[]): string {
  const lines = steps.map(
    ({ what, where, command, by }) => `${what} -> ${where}\n  ${command || `(by ${by ?? 'hand'})`}`,
  );
  const unfilled = unfilledNames(owner);
  const end =
    unfilled.length > 0
      ? `Nothing can be published before these are filled in, in scripts/owner.ts: ${unfilled.join(', ')}.`
      : 'scripts/release/publish.ts pushes all of it.';
  return ['', ...lines, '', end].join('\n');
}
