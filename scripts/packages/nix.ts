import { archiveFor, DESCRIPTION, type Release } from './archives.ts';

const SYSTEMS = {
  'x86_64-linux': 'linux-amd64',
  'aarch64-linux': 'linux-arm64',
  'x86_64-darwin': 'darwin-amd64',
  'aarch64-darwin': 'darwin-arm64',
} as const;

/**
 * An expression for `pkgs.callPackage`. Nothing is stripped: the program lies in a section of Node's
 * executable.
 */
export function nixExpression(release: Release): string {
  const sources = Object.entries(SYSTEMS).map(([system, platform]) => {
    const { url, sha256 } = archiveFor(release, platform);
    return `    ${system} = { url = "${url}"; sha256 = "${sha256}"; };\n`;
  });
  return `{ lib, stdenv, fetchurl, autoPatchelfHook, installShellFiles }:

let
  sources = {
${sources.join('')}  };
in
stdenv.mkDerivation {
  pname = "kubeseal";
  version = "${release.version}";

  src = fetchurl (sources.\${stdenv.hostPlatform.system} or (throw "no kubeseal for \${stdenv.hostPlatform.system}"));
  sourceRoot = ".";

  nativeBuildInputs = [ installShellFiles ] ++ lib.optional stdenv.hostPlatform.isLinux autoPatchelfHook;
  buildInputs = lib.optional stdenv.hostPlatform.isLinux stdenv.cc.cc.lib;
  dontStrip = true;

  installPhase = ''
    runHook preInstall
    install -Dm755 kubeseal $out/bin/kubeseal
    installManPage man/kubeseal.1
    installShellCompletion --cmd kubeseal \\
      --bash completions/kubeseal.bash --fish completions/kubeseal.fish --zsh completions/kubeseal.zsh
    runHook postInstall
  '';

  meta = {
    description = "${DESCRIPTION}";
    homepage = "${release.owner.repository}";
    license = lib.licenses.asl20;
    mainProgram = "kubeseal";
    platforms = builtins.attrNames sources;
    sourceProvenance = [ lib.sourceTypes.binaryNativeCode ];
  };
}
`;
}
