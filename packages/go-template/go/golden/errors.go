package main

import "strings"

func errorCases() []kase {
	broken := []string{
		`{{`, `{{ `, `{{ .`, `}}`, `{{ if }}`, `{{ if .word }}`, `{{ else }}`, `{{ end }}`, `{{ range }}`, `{{ with }}x{{ end }}`, `{{ "open`, "{{ `open", `{{ 'ab' }}`, `{{ '' }}`,
		`{{ nope }}`, `{{ nope "CANARY-4c1f-value" }}`, `{{ .word | nope }}`, `{{ $nope }}`, `{{ $x = 1 }}`, `{{ ( }}`, `{{ ) }}`, `{{ (1 }}`, `{{ 1a }}`, `{{ 1 2 }}`, `{{ "a" "b" }}`, `{{ .a.b. }}`, `{{ .a..b }}`,
		`{{ a.b }}`, `{{ | }}`, `{{ .word | }}`, `{{ .word | "x" }}`, `{{ template }}`, `{{ template x }}`, `{{ template "a" "b" "c" }}`, `{{ define }}`, `{{ define "x" }}`, `{{ define x }}{{ end }}`,
		`{{ block "x" }}{{ end }}`, `{{ /* open`, `{{ /* a */ x }}`, `{{ if 1 }}{{ else }}{{ else }}{{ end }}`, `{{ break }}`, `{{ continue }}`, `{{ range $a, $b, $c := . }}{{ end }}`, `{{ nil }}`, `{{ nil | print }}`,
		`{{ # }}`, `{{ \x }}`, `{{ ~ }}`, `{{ a-b }}`, `{{ .a-b }}`, `{{ "CANARY-4c1f-value`, `{{ "CANARY-4c1f-value" x y }}`, `{{ 99999999999999999999 }}`, `{{ 1e1000 }}`, `{{ 0x }}`, `{{ "\q" }}`, `{{ "\xZZ" }}`, "{{ \"a\nb\" }}",
		`{{ define "x" }}1{{ end }}{{ define "x" }}2{{ end }}`, `{{ template "none" }}`, `{{ template "CANARY-4c1f-value" . }}`, `{{ if eq }}{{ end }}`, `{{ . := 1 }}`, `{{ é }}`, `{{ .é }}`, `{{ 日本 1 }}`, "{{ \x00 }}", "{{ \xff }}", "{{ .x\x80 }}",
	}
	cases := all(broken...)
	cases = append(cases, all(strings.Join([]string{"a", "b {{ .word }}", "c {{ nope }}"}, "\n"), "\n\n\n{{ fail .canary }}", "a\n {{ .word }} é {{ index .canary \"x\" }}",
		"{{ define \"t\" }}\n{{ fail .canary }}\n{{ end }}\n{{ template \"t\" . }}", "{{ if .word }}\n{{ else }}\n{{ nope }}{{ end }}", "{{\n\n nope }}", "{{ fail\n.canary }}")...)
	for _, source := range []string{`.canary`, `(list .canary)`, `(dict .canary .canary)`, `(printf "%s!" .canary)`, `.`} {
		cases = append(cases, failingOn(source)...)
	}
	return cases
}

// failingOn lists expressions whose error text, in Go, quotes the value or could.
func failingOn(source string) []kase {
	templates := []string{
		`{{ fail @ }}`, `{{ @ | fail }}`, `{{ index @ "x" }}`, `{{ index (list 1) @ }}`, `{{ index (dict) @ }}`, `{{ index @ 999 }}`, `{{ slice @ 5 1 }}`, `{{ slice (list 1) @ }}`, `{{ len @ | index @ }}`,
		`{{ semver @ }}`, `{{ semverCompare @ "1" }}`, `{{ semverCompare "^1" @ }}`, `{{ mustToDate "2006" @ }}`, `{{ toDate @ "2006" }}`, `{{ mustFromJson @ }}`, `{{ fromJson @ }}`, `{{ mustRegexMatch @ "x" }}`,
		`{{ regexMatch @ "x" }}`, `{{ regexFind (printf "(%s" @) "x" }}`, `{{ mustRegexFind (printf "[%s" @) "x" }}`, `{{ regexReplaceAll (printf "%s**" @) "x" "y" }}`, `{{ mustRegexSplit (printf "(?%s" @) "x" 1 }}`,
		`{{ urlParse @ }}`, `{{ urlParse (printf ":%s" @) }}`, `{{ urlParse (printf "http://[%s" @) }}`, `{{ urlJoin @ }}`, `{{ urlJoin (dict "host" @ "scheme" 1) }}`, `{{ repeat @ "x" }}`, `{{ repeat -1 @ }}`, `{{ until @ }}`,
		`{{ call @ }}`, `{{ call .word @ }}`, `{{ eq @ 1 }}`, `{{ eq @ @ }}`, `{{ lt @ 1 }}`, `{{ lt 1 @ }}`, `{{ ge @ (list) }}`, `{{ dict @ }}`, `{{ set @ "a" 1 }}`, `{{ get @ "a" }}`, `{{ unset @ "a" }}`, `{{ hasKey @ "a" }}`, `{{ pluck "a" @ }}`,
		`{{ keys @ }}`, `{{ values @ }}`, `{{ pick @ "a" }}`, `{{ omit @ "a" }}`, `{{ merge @ (dict) }}`, `{{ mustMerge (dict "a" 1) (dict "a" @) @ }}`, `{{ mustMergeOverwrite (dict "a" 1) @ }}`, `{{ dig @ }}`, `{{ dig "a" @ }}`, `{{ dig "a" "b" @ @ }}`,
		`{{ first @ }}`, `{{ mustFirst @ }}`, `{{ rest @ }}`, `{{ mustRest @ }}`, `{{ last @ }}`, `{{ mustLast @ }}`, `{{ initial @ }}`, `{{ append @ 1 }}`, `{{ mustAppend @ 1 }}`, `{{ prepend @ 1 }}`, `{{ mustPrepend @ 1 }}`, `{{ concat @ 1 }}`, `{{ reverse @ }}`,
		`{{ mustReverse @ }}`, `{{ uniq @ }}`, `{{ mustUniq @ }}`, `{{ without @ 1 }}`, `{{ mustWithout @ 1 }}`, `{{ has 1 @ }}`, `{{ mustHas 1 @ }}`, `{{ mustSlice @ 0 1 }}`, `{{ chunk 2 @ }}`, `{{ mustChunk 2 @ }}`, `{{ compact @ }}`, `{{ mustCompact @ }}`,
		`{{ join "," @ | fail }}`, `{{ sortAlpha @ | join "" | fail }}`, `{{ b64dec @ }}`, `{{ b32dec @ }}`, `{{ decryptAES "k" @ }}`, `{{ decryptAES @ "AAAA" }}`, `{{ buildCustomCert @ @ }}`, `{{ buildCustomCert (b64enc .word) @ }}`,
		`{{ genPrivateKey @ }}`, `{{ genCAWithKey "cn" 1 @ }}`, `{{ genSelfSignedCertWithKey "cn" (list @) nil 1 @ }}`, `{{ genSelfSignedCert "cn" (list @) nil 1 }}`, `{{ genSignedCert "cn" (list @) nil 1 @ }}`, `{{ htpasswd "a:b" @ }}`, `{{ htpasswd @ .word | len }}`, `{{ bcrypt (repeat 80 @) }}`,
		`{{ derivePassword 1 @ "p" "u" "s" }}`, `{{ derivePassword @ "long" "p" "u" "s" }}`, `{{ randInt 5 1 }}`, `{{ randInt @ 1 }}`, `{{ randBytes @ }}`, `{{ randAlpha @ }}`, `{{ date @ @ | len | fail }}`, `{{ dateInZone "2006" @ }}`, `{{ ago }}`,
		`{{ atoi @ | fail }}`, `{{ int @ | fail }}`, `{{ div 1 (int @) }}`, `{{ mod 1 (int @) }}`, `{{ divf 1 0 }}`, `{{ addf @ 1 }}`, `{{ round @ 2 }}`, `{{ toDecimal @ | fail }}`, `{{ add @ "x" | fail }}`, `{{ max @ 1 | fail }}`, `{{ seq @ }}`, `{{ substr 5 1 @ }}`, `{{ substr 99 100 @ }}`,
		`{{ trunc @ "x" }}`, `{{ abbrev 2 @ | fail }}`, `{{ indent -1 @ }}`, `{{ wrap 0 @ }}`, `{{ wrapWith @ 1 2 }}`, `{{ plural @ }}`, `{{ split @ }}`, `{{ splitn "a" 0 @ }}`, `{{ ternary @ 1 }}`, `{{ ternary 1 2 @ }}`, `{{ typeIs @ }}`, `{{ deepCopy nil }}`, `{{ mustDeepCopy nil }}`, `{{ mustToJson @ | fail }}`,
		`{{ range @ }}{{ .x }}{{ end }}`, `{{ range $a, $b := @ }}{{ $b.x }}{{ end }}`, `{{ with @ }}{{ .x.y }}{{ end }}`, `{{ @.x.y }}`, `{{ @.x "y" }}`, `{{ (index @ 0).x }}`, `{{ template "t" @ }}{{ define "t" }}{{ .a.b }}{{ end }}`, `{{ define "t" }}{{ fail (toString .) }}{{ end }}{{ template "t" @ }}`,
		`{{ printf "%d" @ | fail }}`, `{{ print @ | fail }}`, `{{ toString @ | fail }}`, `{{ toJson @ | fail }}`, `{{ quote @ | fail }}`, `{{ html @ | fail }}`, `{{ js @ | fail }}`, `{{ b64enc @ | fail }}`, `{{ upper @ | fail }}`, `{{ sha256sum @ | fail }}`, `{{ 1 | printf @ | fail }}`, `{{ not @ | fail }}`,
		`{{ if fail @ }}{{ end }}`, `{{ range fail @ }}{{ end }}`, `{{ $x := fail @ }}`, `{{ or nil (fail @) }}`, `{{ fail (fail @) }}`, `{{ fail (printf ">: error calling nope: %s" @) }}`, `{{ fail "error calling index: x" }}`, `{{ index (list (printf ">: wrong type for value %s" @)) 9 }}`, `{{ fail (printf "\n%s\n" @) }}`,
	}
	cases := make([]kase, len(templates))
	for i, text := range templates {
		cases[i] = simple(strings.ReplaceAll(text, "@", source))
	}
	return cases
}
