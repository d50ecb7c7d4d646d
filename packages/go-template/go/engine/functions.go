// Package engine renders one Go template the way sealed-secrets does, with bounded output and errors that hold no values.
package engine

import (
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

// forbidden functions read the environment or the network of the process.
var forbidden = []string{"env", "expandenv", "getHostByName"}

// builtins of text/template; they are part of no FuncMap but appear in error texts.
var builtins = []string{
	"and", "break", "call", "continue", "eq", "ge", "gt", "html", "index", "js", "le", "len", "lt",
	"ne", "not", "or", "print", "printf", "println", "slice", "urlquery",
}

// Functions returns sprig's functions without the forbidden ones.
func Functions() template.FuncMap {
	functions := sprig.TxtFuncMap()
	for _, name := range forbidden {
		delete(functions, name)
	}
	return functions
}

var functions = Functions()

var knownNames = namesOf(functions)

func namesOf(functions template.FuncMap) map[string]bool {
	names := make(map[string]bool, len(functions)+len(builtins))
	for name := range functions {
		names[name] = true
	}
	for _, name := range builtins {
		names[name] = true
	}
	return names
}
