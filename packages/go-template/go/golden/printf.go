package main

import "strings"

func printfCases() []kase {
	verbs := strings.Split("vTtbcdoOqxXUeEfFgGsz", "")
	flags := []string{"", "+", "-", "#", " ", "0", "+#", "-0", "# "}
	sizes := []string{"", "6", ".2", "8.3", ".0", "."}
	arguments := []string{
		"42", "-7", "1.5", "1e21", "-0.0", `"text"`, `"é\xff"`, "true", "nil", `(list 1 "a" nil)`, `(dict "k" 2.5)`, "'x'",
		".bytes", ".word", ".missing", "9223372036854775807", "2i", `(semver "1.2.3")`, "128512",
	}
	choices := seeded("printf")
	var cases []kase
	for _, verb := range verbs {
		for _, flag := range flags {
			for _, size := range sizes {
				for range 2 {
					cases = append(cases, simple("{{ printf `[%"+flag+size+verb+"]` "+choices.pick(arguments)+" }}"))
				}
			}
		}
	}
	return append(cases, all(
		`{{ printf "%d%%" 5 }}`, `{{ printf "%*d" 5 1 }}`, `{{ printf "%[2]v %[1]v" 1 2 }}`, `{{ printf "%[3]v" 1 }}`,
		`{{ printf "%d" }}`, `{{ printf "x" 1 2 }}`, `{{ printf "%!" }}`, `{{ printf "%" }}`, `{{ printf "%.*f" 2 1.239 }}`,
		`{{ printf .word 1 }}`, `{{ printf "%s %s" .word .canary }}`, `{{ printf "%v" . }}`, `{{ printf "%+v" . }}`,
		`{{ printf "%#v" . }}`, `{{ printf "%s" . }}`, `{{ printf "%x" .bytes }}`, `{{ printf "% X" .bytes }}`,
		`{{ printf "%q" .bytes }}`, `{{ printf "%+q" .bytes }}`, `{{ printf "%#q" .word }}`, `{{ printf "%1000s" "a" | len }}`,
		`{{ print 1 2 "a" "b" 3 }}`, `{{ println 1 "a" nil }}`, `{{ print }}`, `{{ println }}`, `{{ print .bytes }}`,
		`{{ printf "%v" (toDate "2006-01-02" "2024-02-29") }}`, `{{ printf "%T" now }}`, `{{ printf "%T" (semver "1.0.0") }}`,
	)...)
}
