// health tells how GitOps tools judge objects: Flux by kstatus, Argo CD by the Lua script that it ships for a kind. Objects are
// read from stdin as a JSON array, the script from the file named by the argument; the verdicts go to stdout as a JSON array.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type verdict struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

type verdicts struct {
	Argo verdict `json:"argo"`
	Flux verdict `json:"flux"`
}

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(scriptFile string) error {
	script, err := os.ReadFile(scriptFile)
	if err != nil {
		return err
	}
	var objects []map[string]any
	if err := json.NewDecoder(os.Stdin).Decode(&objects); err != nil {
		return err
	}
	all := []verdicts{}
	for _, object := range objects {
		argo, err := judgeAsArgo(string(script), object)
		if err != nil {
			return err
		}
		flux, err := status.Compute(&unstructured.Unstructured{Object: wholeNumbers(object).(map[string]any)})
		if err != nil {
			return err
		}
		all = append(all, verdicts{Argo: argo, Flux: verdict{string(flux.Status), flux.Message}})
	}
	return json.NewEncoder(os.Stdout).Encode(all)
}

// judgeAsArgo runs the script as Argo CD does: the object is the global obj, the result a table with status and message.
func judgeAsArgo(script string, object map[string]any) (verdict, error) {
	state := lua.NewState()
	defer state.Close()
	state.SetGlobal("obj", toLua(state, object))
	if err := state.DoString(script); err != nil {
		return verdict{}, err
	}
	result, ok := state.Get(-1).(*lua.LTable)
	if !ok {
		return verdict{}, fmt.Errorf("the script returned no table")
	}
	return verdict{lua.LVAsString(result.RawGetString("status")), lua.LVAsString(result.RawGetString("message"))}, nil
}

func toLua(state *lua.LState, value any) lua.LValue {
	switch typed := value.(type) {
	case bool:
		return lua.LBool(typed)
	case float64:
		return lua.LNumber(typed)
	case string:
		return lua.LString(typed)
	case []any:
		table := state.NewTable()
		for _, item := range typed {
			table.Append(toLua(state, item))
		}
		return table
	case map[string]any:
		table := state.NewTable()
		for key, item := range typed {
			table.RawSetString(key, toLua(state, item))
		}
		return table
	}
	return lua.LNil
}

// wholeNumbers makes the int64 of JSON numbers that unstructured objects have.
func wholeNumbers(value any) any {
	switch typed := value.(type) {
	case float64:
		return int64(typed)
	case []any:
		for at, item := range typed {
			typed[at] = wholeNumbers(item)
		}
	case map[string]any:
		for key, item := range typed {
			typed[key] = wholeNumbers(item)
		}
	}
	return value
}
