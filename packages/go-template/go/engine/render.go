package engine

import (
	"errors"
	"fmt"
	"text/template"
)

var errOutputTooLarge = errors.New("output too large")

// output collects rendered bytes and refuses to grow beyond its limit.
type output struct {
	bytes []byte
	limit int
}

func (o *output) Write(chunk []byte) (int, error) {
	if len(chunk) > o.limit-len(o.bytes) {
		return 0, errOutputTooLarge
	}
	o.bytes = append(o.bytes, chunk...)
	return len(chunk), nil
}

// Render parses text under the given name and executes it over data. Exactly one result is not nil, apart from
// an empty output. A panic of the template engine itself becomes a Failure too.
func Render(name, text string, data map[string]string, maxOutputBytes int) (rendered []byte, failure *Failure) {
	defer func() {
		if cause := recover(); cause != nil {
			rendered, failure = nil, &Failure{Kind: "execution-failed", Text: fmt.Sprint(cause)}
		}
	}()
	parsed, err := template.New(name).Funcs(functions).Parse(text)
	if err != nil {
		return nil, parseFailure(name, err)
	}
	out := &output{limit: maxOutputBytes}
	if err := parsed.Execute(out, data); err != nil {
		return nil, executionFailure(name, err)
	}
	return out.bytes, nil
}
