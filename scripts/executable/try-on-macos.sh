#!/bin/sh
# `sh try-on-macos.sh FILE`: does this kubeseal run on this Mac? Needs openssl, which macOS has. Prints one line a question.
set -u
program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
ask() { # a title, a command
  title=$1
  shift
  if "$@" >"$work/log" 2>&1; then echo "ok    $title"; else echo "FAIL  $title"; sed 's/^/      /' "$work/log"; failed=1; fi
}
seal() { "$program" --cert "$work/cert.pem" <"$work/secret.json" >"$work/sealed.json"; }
unseal() { "$program" --recovery-unseal --recovery-private-key "$work/key.pem" <"$work/sealed.json" | grep -q aHVudGVyMg==; }
uname -mrs
sw_vers 2>/dev/null
cd "$work" || exit 1
openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=try -keyout key.pem -out cert.pem 2>/dev/null
echo '{"kind":"Secret","metadata":{"name":"a","namespace":"b"},"stringData":{"password":"hunter2"}}' >secret.json
ask 'the signature is valid' codesign --verify --strict --verbose=2 "$program"
ask 'it may compile at run time' sh -c "codesign --display --entitlements - '$program' | grep -q allow-jit"
ask 'it starts' "$program" --version
ask 'it seals' seal
ask 'it opens what it sealed' unseal
exit "$failed"
