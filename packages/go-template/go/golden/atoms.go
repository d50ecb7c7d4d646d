package main

import (
	"hash/fnv"
	"reflect"
	"strings"
)

// kase is a template to be run, with what it sees.
type kase struct {
	name, text string
	values     map[string][]byte
}

// values is what most templates see. The canary must never appear in an error that leaves the sandbox.
var values = map[string][]byte{
	"word":   []byte("fern"),
	"canary": []byte("CANARY-4c1f-value"),
	"number": []byte("1337"),
	"spaced": []byte("  two  words\n"),
	"bytes":  {0, 1, 127, 128, 0xc3, 0xa9, 0xff, '"', '<', '\n'},
	"json":   []byte(`{"a":[1,2.5,{"b":null}],"c":true}`),
	"empty":  {},
}

func simple(text string) kase { return kase{"item", text, values} }

func all(texts ...string) []kase {
	cases := make([]kase, len(texts))
	for i, text := range texts {
		cases[i] = simple(text)
	}
	return cases
}

var (
	stringAtoms = []string{
		`"abc"`, `""`, `"Hello World"`, `"a,b,c"`, `"héllo wörld ß"`, "`  padded\tlines\n end `", `"42"`, `"-1.5"`,
		`"1.2.3-beta.1+x"`, `">=1.2, <3"`, `"/usr/../lib/x.tar.gz"`, `"https://u:p@h.example:80/p/?q=1&r=a%20b#f"`,
		"`{\"a\":[1,2.5,{\"b\":null}],\"c\":\"<&>\"}`", `"aGVsbG8="`, `"NBSWY3DP"`, `"true"`, `"a+b*"`, `"(l+)(o)"`,
		`"$1-$2"`, `","`, `"\x00\xff"`, `"snake_case-and kebabCase HTTPServer"`, `"1h15m30.918s"`, `.word`, `.bytes`,
		`.canary`, `.spaced`, `.json`, `.missing`, `"日本語テキスト"`, `"a"`, `"string"`, `"map[string]interface {}"`,
	}
	intAtoms       = []string{"0", "1", "-1", "2", "3", "7", "40", "0x1F", "'a'", "0b101"}
	floatAtoms     = []string{"1.5", "-2.25", "0.1", "1e3", "2.0", "0.5"}
	boolAtoms      = []string{"true", "false"}
	listAtoms      = []string{`(list 1 2 3)`, `(list)`, `(list "b" "a" "b" "")`, `(list "x" 1 nil 2.5 true)`, `(list (list 1) (dict "k" "v"))`, `(splitList "," "z,y,x")`, `(until 5)`}
	dictAtoms      = []string{`(dict)`, `(dict "a" 1)`, `(dict "a" "x" "b" (list 1 2))`, `(dict "a" (dict "b" (dict "c" "deep")))`, `(dict "z" nil "a" 2.5)`, `(fromJson .json)`}
	otherAtoms     = []string{"nil", ".", "$", `(semver "1.2.3")`, `(toDate "2006-01-02" "2024-02-29")`, "9223372036854775807", "1i", `(index . "word")`}
	interfaceAtoms = concat(stringAtoms, intAtoms, floatAtoms, boolAtoms, listAtoms, dictAtoms, otherAtoms)
)

func concat(lists ...[]string) []string {
	var joined []string
	for _, list := range lists {
		joined = append(joined, list...)
	}
	return joined
}

// atomsFor gives fitting arguments for a parameter, and sometimes one that does not fit.
func atomsFor(parameter reflect.Type) []string {
	switch parameter.Kind() {
	case reflect.String:
		return stringAtoms
	case reflect.Int, reflect.Int64:
		return intAtoms
	case reflect.Float64:
		return floatAtoms
	case reflect.Bool:
		return boolAtoms
	case reflect.Map:
		return dictAtoms
	case reflect.Slice:
		return listAtoms
	}
	return interfaceAtoms
}

// source is a small deterministic stream of choices; the same seed gives the same choices for ever.
type source uint64

func seeded(seed string) *source {
	hash := fnv.New64a()
	hash.Write([]byte(seed))
	s := source(hash.Sum64() | 1)
	return &s
}

func (s *source) below(limit int) int {
	*s ^= *s << 13
	*s ^= *s >> 7
	*s ^= *s << 17
	return int(uint64(*s) % uint64(limit))
}

func (s *source) pick(list []string) string { return list[s.below(len(list))] }

// shown are ways to look at a result.
var shown = []string{"{{ @ }}", "{{ @ }}", "{{ @ | printf `%T|%v` }}", "{{ @ | toJson }}", "[{{- @ | quote -}}]", "{{ $x := @ }}{{ kindOf $x }}:{{ $x }}"}

func show(s *source, expression string) string {
	return strings.ReplaceAll(s.pick(shown), "@", "("+expression+")")
}
