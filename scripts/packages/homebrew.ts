import { archiveFor, DESCRIPTION, type Release } from './archives.ts';

const SYSTEMS = { darwin: 'on_macos', linux: 'on_linux' } as const;
const PROCESSORS = { arm64: 'on_arm', amd64: 'on_intel' } as const;

/** The formula for a tap of Homebrew, for macOS and Linux (docs.brew.sh/Formula-Cookbook). */
export function homebrewFormula(release: Release): string {
  const systems = Object.entries(SYSTEMS).map(([os, block]) => {
    const processors = Object.entries(PROCESSORS).map(([arch, inner]) => {
      const { url, sha256 } = archiveFor(release, `${os}-${arch}`);
      return `    ${inner} do\n      url "${url}"\n      sha256 "${sha256}"\n    end\n`;
    });
    return `  ${block} do\n${processors.join('')}  end\n`;
  });
  return `class Kubeseal < Formula
  desc "${DESCRIPTION}"
  homepage "${release.owner.repository}"
  version "${release.version}"
  license "Apache-2.0"

${systems.join('\n')}
  def install
    bin.install "kubeseal"
    man1.install "man/kubeseal.1"
    bash_completion.install "completions/kubeseal.bash" => "kubeseal"
    fish_completion.install "completions/kubeseal.fish"
    zsh_completion.install "completions/kubeseal.zsh" => "_kubeseal"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/kubeseal --version")
  end
end
`;
}
