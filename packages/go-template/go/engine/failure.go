package engine

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"text/template"
)

// Failure says what went wrong in words that cannot hold a value. Text is Go's own message, which can: it leaves
// the sandbox only when a caller asks for it.
type Failure struct {
	Kind     string
	Line     int
	Column   int
	Function string
	Text     string
}

var (
	unknownFunction = regexp.MustCompile(`^function "([\pL_][\pL\pN_]{0,63})" not defined$`)
	callingFunction = regexp.MustCompile(`error calling ([A-Za-z0-9_]+): $`)
	wrongArguments  = regexp.MustCompile(`^wrong number of args for ([A-Za-z0-9_]+): `)
)

// kindsByMessage maps the constant beginning of a message to a kind, for messages that follow the location.
var kindsByMessage = []struct{ beginning, kind string }{
	{"wrong type for value", "wrong-type"},
	{"undefined variable", "execution-failed"},
	{"wrong number of args", "wrong-argument-count"},
	{"exceeded maximum template depth", "recursion-limit"},
	{"invalid value; expected", "wrong-type"},
	{"expected ", "wrong-type"},
	{"range can't iterate over", "wrong-type"},
	{"if/with can't use", "wrong-type"},
	{"can't ", "wrong-type"},
	{"cannot assign nil", "wrong-type"},
	{"nil is not a command", "wrong-type"},
	{"nil data; no entry", "wrong-type"},
	{"nil pointer evaluating", "wrong-type"},
	{"dereference of nil pointer", "wrong-type"},
}

func parseFailure(name string, err error) *Failure {
	failure := &Failure{Kind: "parse-error", Text: err.Error()}
	line, message := cutNumber(strings.TrimPrefix(failure.Text, "template: "+name+":"))
	failure.Line, message = line, strings.TrimPrefix(message, " ")
	if message == "max expression depth exceeded" {
		failure.Kind = "recursion-limit"
	}
	if match := unknownFunction.FindStringSubmatch(message); match != nil {
		failure.Kind, failure.Function = "unknown-function", match[1]
	}
	return failure
}

func executionFailure(name string, err error) *Failure {
	failure := &Failure{Kind: "execution-failed", Text: err.Error()}
	if errors.Is(err, errOutputTooLarge) {
		failure.Kind = "output-too-large"
		return failure
	}
	line, rest := cutNumber(strings.TrimPrefix(failure.Text, "template: "+name+":"))
	failure.Line = line
	failure.Column, rest = cutNumber(rest)
	if function := failingFunction(err); function != "" {
		failure.Kind, failure.Function = "function-failed", function
		if function == "fail" {
			failure.Kind = "fail-called"
		}
		return failure
	}
	describe(failure, rest)
	return failure
}

// failingFunction looks only at what stands before the function's own message: that part is template text.
func failingFunction(err error) string {
	var execution template.ExecError
	if !errors.As(err, &execution) {
		return ""
	}
	inner := errors.Unwrap(execution.Err)
	if inner == nil {
		return ""
	}
	match := callingFunction.FindStringSubmatch(strings.TrimSuffix(execution.Err.Error(), inner.Error()))
	if match == nil || !knownNames[match[1]] {
		return ""
	}
	return match[1]
}

// describe finds the message behind `executing "name" at <node>: `. The node is template text and may itself
// hold `>: `, so each occurrence is tried in turn.
func describe(failure *Failure, rest string) {
	for {
		_, message, found := strings.Cut(rest, ">: ")
		if !found {
			return
		}
		if strings.HasPrefix(message, `template "`) {
			failure.Kind = "unknown-template"
			return
		}
		for _, row := range kindsByMessage {
			if strings.HasPrefix(message, row.beginning) {
				failure.Kind = row.kind
				if match := wrongArguments.FindStringSubmatch(message); match != nil && knownNames[match[1]] {
					failure.Function = match[1]
				}
				return
			}
		}
		rest = message
	}
}

// cutNumber splits `12:rest` into 12 and `rest`; anything else gives 0 and the whole text.
func cutNumber(text string) (int, string) {
	digits, rest, found := strings.Cut(text, ":")
	number, err := strconv.Atoi(digits)
	if !found || err != nil {
		return 0, text
	}
	return number, rest
}
