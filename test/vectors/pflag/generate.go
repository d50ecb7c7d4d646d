// Reads cases.json, lets pflag answer every case anew, and prints the file with these answers.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/pflag"
)

// Row is a row of our own flag tables, so that both sides read the same declaration.
type Row struct {
	Name       string          `json:"name"`
	Type       string          `json:"type"`
	Short      string          `json:"short,omitempty"`
	Default    json.RawMessage `json:"default,omitempty"`
	Choices    []string        `json:"choices,omitempty"`
	Target     string          `json:"target,omitempty"`
	TypeName   string          `json:"typeName,omitempty"`
	Help       string          `json:"help"`
	Hidden     bool            `json:"hidden,omitempty"`
	Deprecated string          `json:"deprecated,omitempty"`
}

type ParseCase struct {
	Argv        []string       `json:"argv"`
	Set         map[string]any `json:"set,omitempty"`
	Positionals []string       `json:"positionals,omitempty"`
	Warnings    []string       `json:"warnings,omitempty"`
	Help        bool           `json:"help,omitempty"`
	Error       string         `json:"error,omitempty"`
}

type ValueCase struct {
	Type  string `json:"type"`
	Text  string `json:"text"`
	Value any    `json:"value,omitempty"`
	Error string `json:"error,omitempty"`
}

type DurationCase struct {
	Nanoseconds int64  `json:"nanoseconds"`
	Text        string `json:"text"`
}

type HelpCase struct {
	Title string `json:"title"`
	Flags []Row  `json:"flags"`
	Text  string `json:"text"`
}

type Cases struct {
	Flags     []Row          `json:"flags"`
	Parse     []ParseCase    `json:"parse"`
	Values    []ValueCase    `json:"values"`
	Durations []DurationCase `json:"durations"`
	Help      []HelpCase     `json:"help"`
}

// Choice takes one of a few words, as the scope of kubeseal does.
type Choice struct {
	value, typeName, fallback string
	choices                   []string
}

func (c *Choice) String() string { return c.value }
func (c *Choice) Type() string   { return c.typeName }
func (c *Choice) Set(text string) error {
	if text == "" {
		text = c.fallback
	}
	if c.choices != nil && !slices.Contains(c.choices, text) {
		return fmt.Errorf("must be one of: %s", strings.Join(c.choices, ", "))
	}
	c.value = text
	return nil
}

func defaultOf[T any](row Row) T {
	var value T
	if row.Default != nil {
		must(json.Unmarshal(row.Default, &value))
	}
	return value
}

func add(set *pflag.FlagSet, row Row) {
	switch row.Type {
	case "string":
		if row.TypeName == "" {
			set.StringP(row.Name, row.Short, defaultOf[string](row), row.Help)
		} else {
			set.VarP(&Choice{value: defaultOf[string](row), typeName: row.TypeName}, row.Name, row.Short, row.Help)
		}
	case "bool":
		set.BoolP(row.Name, row.Short, defaultOf[bool](row), row.Help)
	case "int":
		set.IntP(row.Name, row.Short, defaultOf[int](row), row.Help)
	case "float32":
		set.Float32P(row.Name, row.Short, defaultOf[float32](row), row.Help)
	case "duration":
		milliseconds := defaultOf[float64](row)
		set.DurationP(row.Name, row.Short, time.Duration(milliseconds*1e6), row.Help)
	case "stringSlice":
		set.StringSliceP(row.Name, row.Short, defaultOf[[]string](row), row.Help)
	case "stringArray":
		set.StringArrayP(row.Name, row.Short, defaultOf[[]string](row), row.Help)
	case "enum":
		word := defaultOf[string](row)
		set.VarP(&Choice{word, "string", word, row.Choices}, row.Name, row.Short, row.Help)
	case "alias":
		target := set.Lookup(row.Target)
		set.VarPF(target.Value, row.Name, row.Short, row.Help).NoOptDefVal = target.NoOptDefVal
	default:
		panic(row.Type)
	}
	flag := set.Lookup(row.Name)
	if row.Deprecated != "" {
		must(set.MarkDeprecated(row.Name, row.Deprecated))
	}
	flag.Hidden = flag.Hidden || row.Hidden
}

func build(rows []Row) (*pflag.FlagSet, *bytes.Buffer) {
	set := pflag.NewFlagSet("app", pflag.ContinueOnError)
	output := new(bytes.Buffer)
	set.SetOutput(output)
	set.Usage = func() {}
	for _, row := range rows {
		add(set, row)
	}
	return set, output
}

// Numbers that JSON cannot hold are written as JavaScript prints them.
func toJSON(set *pflag.FlagSet, name string) any {
	switch flag := set.Lookup(name); flag.Value.Type() {
	case "bool":
		return flag.Value.String() == "true"
	case "int":
		value, _ := set.GetInt(name)
		return value
	case "float32":
		value, _ := set.GetFloat32(name)
		switch {
		case math.IsNaN(float64(value)):
			return "NaN"
		case math.IsInf(float64(value), 0):
			return strings.Replace(fmt.Sprintf("%vinity", value), "+", "", 1)
		}
		return value
	case "duration":
		value, _ := set.GetDuration(name)
		return float64(value) / 1e6
	case "stringSlice", "stringArray":
		return flag.Value.(pflag.SliceValue).GetSlice()
	default:
		return flag.Value.String()
	}
}

func parse(rows []Row, argv []string) ParseCase {
	set, output := build(rows)
	err := set.Parse(argv)
	if err != nil && err != pflag.ErrHelp {
		return ParseCase{Argv: argv, Error: err.Error()}
	}
	answer := ParseCase{Argv: argv, Set: map[string]any{}, Positionals: set.Args(), Help: err != nil}
	if output.Len() > 0 {
		answer.Warnings = strings.Split(strings.TrimSuffix(output.String(), "\n"), "\n")
	}
	for _, row := range rows {
		name := row.Name
		if row.Type == "alias" {
			name = row.Target
		}
		if set.Lookup(row.Name).Changed {
			answer.Set[name] = toJSON(set, name)
		}
	}
	return answer
}

func read(kind, text string) ValueCase {
	set, _ := build([]Row{{Name: "x", Type: kind}})
	if err := set.Lookup("x").Value.Set(text); err != nil {
		return ValueCase{Type: kind, Text: text, Error: err.Error()}
	}
	return ValueCase{Type: kind, Text: text, Value: toJSON(set, "x")}
}

func help(rows []Row) string {
	set, _ := build(rows)
	return set.FlagUsages()
}

func print[T any](name string, rows []T, end string) {
	fmt.Printf("%q: [\n", name)
	for index, row := range rows {
		line := new(bytes.Buffer)
		encoder := json.NewEncoder(line)
		encoder.SetEscapeHTML(false)
		must(encoder.Encode(row))
		comma := ","
		if index == len(rows)-1 {
			comma = ""
		}
		fmt.Printf("%s%s\n", visible(strings.TrimSuffix(line.String(), "\n")), comma)
	}
	fmt.Printf("]%s\n", end)
}

// Characters that nobody sees would get lost in a review.
func visible(line string) string {
	shown := new(strings.Builder)
	for _, char := range line {
		if unicode.IsPrint(char) {
			shown.WriteRune(char)
		} else {
			fmt.Fprintf(shown, "\\u%04x", char)
		}
	}
	return shown.String()
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	var cases Cases
	must(json.NewDecoder(os.Stdin).Decode(&cases))
	for index := range cases.Parse {
		cases.Parse[index] = parse(cases.Flags, cases.Parse[index].Argv)
	}
	for index, row := range cases.Values {
		cases.Values[index] = read(row.Type, row.Text)
	}
	for index, row := range cases.Durations {
		cases.Durations[index].Text = time.Duration(row.Nanoseconds).String()
	}
	for index, row := range cases.Help {
		cases.Help[index].Text = help(row.Flags)
	}
	fmt.Println("{")
	print("flags", cases.Flags, ",")
	print("parse", cases.Parse, ",")
	print("values", cases.Values, ",")
	print("durations", cases.Durations, ",")
	print("help", cases.Help, "")
	fmt.Println("}")
}
