package main

import (
	"cmp"
	"slices"
	"strings"
)

func sorted(cases []kase) []kase {
	slices.SortStableFunc(cases, func(a, b kase) int { return cmp.Compare(a.name+a.text, b.name+b.text) })
	return cases
}

// bodies are put into each frame, frames into each other.
var frames = []string{
	`{{ if COND }}yes BODY{{ end }}`, `{{ if COND }}a{{ else }}BODY{{ end }}`, `{{ if COND }}a{{ else if .word }}BODY{{ else }}c{{ end }}`,
	`{{ with COND }}<{{ . }}>BODY{{ end }}`, `{{ with COND }}{{ . }}{{ else }}BODY{{ end }}`, `{{ with COND }}a{{ else with .word }}BODY{{ . }}{{ end }}`,
	`{{ with $y := COND }}{{ $y }}BODY{{ end }}`, `{{ if not COND }}n{{ end }}BODY`, `{{- if COND -}}  x  {{- end -}}  BODY`,
	`{{ define "t" }}({{ . }}){{ end }}{{ template "t" COND }}BODY`, `{{ block "b" COND }}[{{ . }}]{{ end }}BODY`,
	`{{ $x := COND }}{{ $x }}{{ $x = "set" }}{{ $x }}BODY`, `{{/* c */}}{{ COND }}BODY`, `{{ ternary "t" "f" (not (not COND)) }}BODY`,
}

var ranges = []string{
	`{{ range OVER }}{{ . }},{{ end }}`, `{{ range $i, $e := OVER }}{{ $i }}={{ $e }};{{ end }}`, `{{ range $e := OVER }}{{ $e }} {{ end }}`,
	`{{ range OVER }}x{{ else }}nothing{{ end }}`, `{{ range $i, $e := OVER }}{{ if eq $i 1 }}{{ continue }}{{ end }}{{ $e }}{{ end }}`,
	`{{ range $i, $e := OVER }}{{ if eq $i 1 }}{{ break }}{{ end }}{{ $e }}{{ end }}`, `{{ range $i, $_ := OVER }}{{ $i }}{{ end }}`,
	"{{- range OVER }}\n- {{ . | quote }}\n{{- end }}\n", `{{ $n := 0 }}{{ range OVER }}{{ $n = add1 $n }}{{ end }}{{ $n }}`,
	`{{ range OVER }}{{ range OVER }}{{ . }}{{ end }}{{ end }}`,
}

func controlCases() []kase {
	conditions := []string{
		`true`, `false`, `0`, `1`, `""`, `.word`, `.missing`, `.empty`, `(list)`, `(list 1)`, `(dict)`, `.`, `nil`, `0.0`,
		`(eq .word "fern")`, `(and .word .empty)`, `(or .empty .word)`, `(lt 1 2 )`, `(gt (len .word) 9)`, `$.canary`,
	}
	bodies := []string{"", "|", "{{ .word }}", "{{ . }}", "\n  {{- 1 -}}  \n"}
	overs := []string{
		`(list 1 2 3)`, `(list)`, `(dict "a" 1 "b" 2)`, `(until 4)`, `.`, `5`, `0`, `-1`, `.word`, `nil`, `(splitList "," "x,y")`,
		`.missing`, `1.5`, `true`, `(seq 3 | splitList " ")`, `(untilStep 3 10 3)`, `(tuple "a" (list 1 2))`, `(fromJson .json)`,
	}
	var cases []kase
	for i, frame := range frames {
		for j, condition := range conditions {
			text := strings.NewReplacer("COND", condition, "BODY", bodies[(i+j)%len(bodies)]).Replace(frame)
			cases = append(cases, simple(text))
		}
	}
	for _, frame := range ranges {
		for _, over := range overs {
			cases = append(cases, simple(strings.ReplaceAll(frame, "OVER", over)))
		}
	}
	return append(cases, handWritten()...)
}

func handWritten() []kase {
	return append(all(
		``, `plain`, `{{""}}`, `{{ "a" }}{{- " b" }}`, "a {{- 1 }}", "{{ 1 -}} \n b", `{{"\u00e9\x41\101\n"}}`, "{{`raw \\n`}}", `{{ 'é' }}`, `{{ 0x10 }}`,
		`{{ 1_000 }}`, `{{ 1e3 }}`, `{{ 1.50 }}`, `{{ 0b11 }}`, `{{ 0o17 }}`, `{{ 017 }}`, `{{ true }}`, `{{ (1) }}`, `{{ ((.word)) }}`, `{{ .word | print }}`,
		`{{ "%" }}`, `{{ . }}`, `{{ $ }}`, `{{ $.word }}`, `{{ .missing }}`, `{{ .missing | quote }}`, `{{ .missing | default "d" }}`, `{{ index . "missing" }}`,
		`{{ index . "word" }}`, `{{ index .word 0 }}`, `{{ .word.x }}`, `{{ (dict "a" (dict "b" 1)).a.b }}`, `{{ (dict "a" 1).b }}`, `{{ (dict "a" nil).a }}`,
		`{{ (dict "a" nil).a.b }}`, `{{ len . }}`, `{{ range $k, $v := . }}{{ $k }} {{ end }}`, `{{ keys . | sortAlpha }}`, `{{ keys (dict "b" 1 "a" 2) | sortAlpha }}`,
		`{{ keys }}`, `{{ keys (dict "a" 1) }}`, `{{ keys (dict) (dict "b" nil) }}`, `{{ keys "a" }}`, `{{ keys (dict "b" 1) (dict "a" 2) | sortAlpha }}`, `{{ values (dict "a" "x") }}`, `{{ values (dict) }}`, `{{ values "a" }}`, `{{ values (dict "b" 1 "a" 2) | sortAlpha }}`, `{{ get (dict "a" 1) "a" }}`, `{{ hasKey . "word" }}`, `{{ pick (dict "a" 1 "b" 2) "a" }}`, `{{ $d := dict "a" 1 }}{{ $_ := set $d "b" 2 }}{{ $d }}`,
		`{{ $d := dict "a" 1 }}{{ $_ := unset $d "a" }}{{ $d }}`, `{{ merge (dict "a" 1) (dict "a" 2 "b" 3) }}`, `{{ mergeOverwrite (dict "a" 1) (dict "a" 2) }}`,
		`{{ dig "a" "b" "none" (dict "a" (dict "b" 1)) }}`, `{{ dig "a" "c" "none" (dict "a" (dict "b" 1)) }}`, `{{ define "x" }}{{ end }}`, `{{ define "x" }}1{{ end }}y`,
		`{{ define "n" }}{{ if gt . 0 }}{{ . }} {{ template "n" (sub . 1) }}{{ end }}{{ end }}{{ template "n" 40 }}`, `{{ define "n" }}{{ if lt . 900 }}{{ template "n" (add1 .) }}{{ else }}end{{ end }}{{ end }}{{ template "n" 0 }}`,
		`{{ block "a" . }}{{ block "b" . }}{{ .word }}{{ end }}{{ end }}`, `{{ template "late" . }}{{ define "late" }}{{ .word }}{{ end }}`,
		`{{ with .word }}{{ $.number }}{{ end }}`, `{{ and 1 0 2 }}`, `{{ or 0 "" "z" }}`, `{{ and }}`, `{{ or 1 (fail .canary) }}`, `{{ and 0 (fail .canary) }}`,
		`{{ if and .word (eq .word "fern") }}ok{{ end }}`, `{{ eq 1 1 2 }}`, `{{ eq 1 2 3 1 }}`, `{{ ne "a" "b" }}`, `{{ lt "a" "b" }}`, `{{ le 1.5 1.5 }}`, `{{ not 0 }}`,
		`{{ break }}`, `{{ range 3 }}{{ . }}{{ break }}{{ end }}`, "{{ /* no */ }}", "{{- /* yes */ -}}", "{{/* a\nb */}}x", `{{if true}}{{else}}{{end}}`, "{{\n.word\n}}", "{{ .word\n| upper }}",
		`{"auth": {{ printf "%s:%s" .word .number | b64enc | quote }}}`, "password={{ .canary }}\nuser={{ .word | upper }}\n", `{{ .json | fromJson | toPrettyJson }}`, `{{ (.json | fromJson).a | first }}`,
		`{{ list 3 1 2 | sortAlpha | join "," }}`, `{{ range $i, $c := "aé" }}{{ $i }}:{{ $c }} {{ end }}`, `{{ (list 1 2 3) | rest | last }}`, `{{ tuple 1 2 | len }}`, `{{ printf "%d" (len .word) }}`,
		`{{ regexReplaceAll "a(x*)b" "-ab-axxb-" "${1}W" }}`, `{{ "hello world" | regexFind "o.*o" }}`, `{{ semverCompare "^1.2" "1.4.0" }}`, `{{ (semver "1.2.3-a+b").Prerelease }}`, `{{ (semver "1.2.3").Major }}`,
		`{{ (urlParse "https://u:p@h/p?q#f").host }}`, `{{ urlJoin (dict "scheme" "http" "host" "h" "path" "/p") }}`, `{{ deepEqual (list 1) (list 1) }}`, `{{ chunk 2 (list 1 2 3) | toJson }}`, `{{ derivePassword 1 "long" "password" "user" "example.com" }}`, `{{ derivePassword 7 "pin" .canary .word "h" }}`, `{{ env "HOME" }}`, `{{ expandenv "$HOME" }}`, `{{ getHostByName "localhost" }}`,
	), kase{"config.yaml", "a: {{ .a-b }}", values}, kase{"with space", "{{ nope }}", values}, kase{"x:1:2", "{{ fail .canary }}", values},
		kase{"", "{{ fail .canary }}", values}, kase{"item", "{{ index . \"a.b\" }}", map[string][]byte{"a.b": []byte("dotted")}})
}
