package main

import (
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go-template/engine"
)

const casesPerArity = 15

// notRepeatable depend on chance, the clock or the order of a map, or take seconds. Tests beside the renderer cover them by their properties;
// dates with a fixed moment have cases of their own.
var notRepeatable = strings.Fields(`
	ago bcrypt buildCustomCert date dateInZone dateModify date_in_zone date_modify derivePassword encryptAES
	genCA genCAWithKey genPrivateKey genSelfSignedCert genSelfSignedCertWithKey genSignedCert genSignedCertWithKey
	htmlDate htmlDateInZone htpasswd keys mustDateModify must_date_modify now randAlpha randAlphaNum randAscii randBytes
	randInt randNumeric shuffle uuidv4 values`)

func functionCases() []kase {
	var cases []kase
	functions := engine.Functions()
	names := make([]string, 0, len(functions))
	for name := range functions {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if !slices.Contains(notRepeatable, name) {
			cases = append(cases, casesOf(name, reflect.TypeOf(functions[name]))...)
		}
	}
	return cases
}

func casesOf(name string, function reflect.Type) []kase {
	pools := make([][]string, function.NumIn())
	for i := range pools {
		pools[i] = atomsFor(function.In(i))
	}
	if !function.IsVariadic() {
		wrongCount := all("{{ "+name+strings.Repeat(" 1", len(pools)+1)+" }}", "{{ "+name+" }}")
		return append(sample(name, pools), wrongCount...)
	}
	rest := pools[len(pools)-1]
	if function.In(len(pools)-1).Elem().Kind() == reflect.Interface {
		rest = interfaceAtoms
	}
	fixed := pools[:len(pools)-1]
	cases := sample(name, fixed)
	for range 3 {
		fixed = append(slices.Clone(fixed), rest)
		cases = append(cases, sample(name, fixed)...)
	}
	return cases
}

// sample calls a function with arguments from each pool: every atom of every pool at least once where it fits in.
func sample(name string, pools [][]string) []kase {
	if len(pools) == 0 {
		return all("{{ " + name + " }}")
	}
	choices := seeded(name + strconv.Itoa(len(pools)))
	count := casesPerArity
	if len(pools) == 1 {
		count = len(pools[0])
	}
	var cases []kase
	for i := range count {
		call := name
		for at, pool := range pools {
			atom := choices.pick(pool)
			if at == i%len(pools) {
				atom = pool[i%len(pool)]
			}
			if choices.below(14) == 0 {
				atom = choices.pick(otherAtoms)
			}
			call += " " + atom
		}
		cases = append(cases, simple(show(choices, call)))
	}
	return cases
}

func builtinCases() []kase {
	names := strings.Fields("and call eq ge gt html index js le len lt ne not or print println printf slice urlquery")
	var cases []kase
	for _, name := range names {
		pools := [][]string{}
		for range 4 {
			cases = append(cases, sample(name, pools)...)
			pools = append(pools, interfaceAtoms)
		}
	}
	return cases
}

func pipelineCases() []kase {
	links := strings.Split(`upper;lower;title;trim;quote;squote;b64enc;b64dec;b32enc;sha256sum;reverse;snakecase;camelcase;
kebabcase;swapcase;nospace;initials;untitle;trunc 5;trunc -3;abbrev 8;indent 2;nindent 4;repeat 2;replace "a" "bb";
trimPrefix "a";trimSuffix "c";trimAll "abc";cat "x";wrap 5;wrapWith 4 "|";splitList "a" | join "-";split "l" | toJson;
default "none";toString;toJson;fromJson;atoi;int;int64;float64;toDecimal;len;list;first;last;empty;ternary "y" "n";
contains "a";hasPrefix "a";regexReplaceAll "[aeiou]" "<$0>" ;regexFindAll "[a-z]+" -1;html;js;urlquery;adler32sum;
plural "one" "many";substr 1 3;toStrings;uniq;sortAlpha;compact;typeOf;kindOf;base;dir;ext;clean;not;sha1sum;
sha512sum | trunc 9;printf "%q";printf "%5d";printf "%-8s|";semver;urlParse;regexSplit "l" "a-l-b";toPrettyJson;toRawJson`, ";")
	choices := seeded("pipelines")
	var cases []kase
	for range 1200 {
		text := "{{ " + choices.pick(interfaceAtoms)
		for range 2 + choices.below(3) {
			text += " | " + strings.TrimSpace(choices.pick(links))
		}
		cases = append(cases, simple(text+" }}"))
	}
	return cases
}
