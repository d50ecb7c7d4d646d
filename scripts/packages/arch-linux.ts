import { archiveFor, DESCRIPTION, type Release } from './archives.ts';

const PROCESSORS = { x86_64: 'linux-amd64', aarch64: 'linux-arm64' } as const;

/** The PKGBUILD for the AUR. Nothing is stripped: the program lies in a section of Node's executable. */
export function pkgbuild(release: Release): string {
  const sources = Object.entries(PROCESSORS).map(([processor, platform]) => {
    const { url, sha256 } = archiveFor(release, platform);
    return `source_${processor}=('${url}')\nsha256sums_${processor}=('${sha256}')\n`;
  });
  return `# Maintainer: ${release.owner.maintainer}
pkgname=fuin-kubeseal-bin
pkgver=${release.version}
pkgrel=1
pkgdesc='${DESCRIPTION}'
arch=(${Object.keys(PROCESSORS)
    .map((name) => `'${name}'`)
    .join(' ')})
url='${release.owner.repository}'
license=('Apache-2.0')
depends=('gcc-libs' 'glibc')
provides=('kubeseal')
conflicts=('kubeseal')
options=('!strip')
${sources.join('')}
package() {
  install -Dm755 kubeseal "$pkgdir/usr/bin/kubeseal"
  install -Dm644 man/kubeseal.1 "$pkgdir/usr/share/man/man1/kubeseal.1"
  install -Dm644 completions/kubeseal.bash "$pkgdir/usr/share/bash-completion/completions/kubeseal"
  install -Dm644 completions/kubeseal.fish "$pkgdir/usr/share/fish/vendor_completions.d/kubeseal.fish"
  install -Dm644 completions/kubeseal.zsh "$pkgdir/usr/share/zsh/site-functions/_kubeseal"
  install -Dm644 THIRD-PARTY-NOTICES.txt "$pkgdir/usr/share/licenses/$pkgname/THIRD-PARTY-NOTICES.txt"
}
`;
}
