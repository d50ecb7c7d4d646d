// Command golden prints test vectors as JSON lines: a template, what it sees, and what Go makes of it. It is built
// natively, uses text/template directly, and keeps only cases whose result is the same on every run.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"log"
	"os"
	"text/template"
	"time"

	"go-template/engine"
)

// runs shows up results that depend on map order, addresses or chance.
const runs = 10

// vector is one line; byte strings are base64 in JSON.
type vector struct {
	Group  string            `json:"group"`
	Name   string            `json:"name"`
	Text   string            `json:"text"`
	Values map[string][]byte `json:"values"`
	Output []byte            `json:"output,omitempty"`
	Error  []byte            `json:"error,omitempty"`
}

func main() {
	time.Local = time.UTC
	out := bufio.NewWriter(os.Stdout)
	seen := map[string]bool{}
	groups := []struct {
		name  string
		cases func() []kase
	}{
		{"functions", functionCases}, {"builtins", builtinCases}, {"printf", printfCases}, {"bytes", byteCases},
		{"control", controlCases}, {"dates", dateCases}, {"pipelines", pipelineCases}, {"errors", errorCases},
	}
	for _, group := range groups {
		for _, c := range group.cases() {
			v := vector{Group: group.name, Name: c.name, Text: c.text, Values: c.values}
			key, _ := json.Marshal(v)
			if seen[string(key)] || !v.settle() {
				continue
			}
			seen[string(key)] = true
			line, err := json.Marshal(v)
			if err != nil {
				log.Fatal(err)
			}
			out.Write(append(line, '\n'))
		}
	}
	if err := out.Flush(); err != nil {
		log.Fatal(err)
	}
}

// settle fills in the result and reports whether every run gave the same.
func (v *vector) settle() bool {
	for run := range runs {
		output, failure := execute(v.Name, v.Text, v.Values)
		if run > 0 && (!bytes.Equal(output, v.Output) || !bytes.Equal(failure, v.Error)) {
			return false
		}
		v.Output, v.Error = output, failure
	}
	return true
}

func execute(name, text string, values map[string][]byte) (output, failure []byte) {
	data := map[string]string{name: text} // sealed-secrets shows templates each other's text and their own
	for key, value := range values {
		data[key] = string(value)
	}
	parsed, err := template.New(name).Funcs(engine.Functions()).Parse(text)
	if err != nil {
		return nil, []byte(err.Error())
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, data); err != nil {
		return nil, []byte(err.Error())
	}
	return out.Bytes(), nil
}
