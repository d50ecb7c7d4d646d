// health tells how GitOps tools judge objects: Argo CD by the Lua script that it ships for a kind, Flux by kstatus or by the
// expressions of a Kustomization. stdin holds JSON: the path of the script, the expressions, the objects; stdout gets the
// verdicts in the order of the objects.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"github.com/fluxcd/pkg/apis/kustomize"
	"github.com/fluxcd/pkg/runtime/cel"
	lua "github.com/yuin/gopher-lua"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type verdict struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

// acted is what a custom action of Argo CD offers and makes of an object.
type acted struct {
	Actions any `json:"actions"`
	Object  any `json:"object"`
}

type question struct {
	ArgoDiscovery   string                           `json:"argoDiscovery"`
	ArgoAction      string                           `json:"argoAction"`
	ArgoScript      string                           `json:"argoScript"`
	FluxExpressions kustomize.HealthCheckExpressions `json:"fluxExpressions"`
	Objects         []map[string]any                 `json:"objects"`
}

type verdicts struct {
	Argo     verdict `json:"argo"`
	Kstatus  verdict `json:"kstatus"`
	FluxExpr verdict `json:"fluxExpr"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	var asked question
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		return err
	}
	if asked.ArgoAction != "" {
		return act(asked)
	}
	script, err := os.ReadFile(asked.ArgoScript)
	if err != nil {
		return err
	}
	evaluator, err := cel.NewStatusEvaluator(&asked.FluxExpressions)
	if err != nil {
		return err
	}
	all := []verdicts{}
	for _, object := range asked.Objects {
		argo, err := judgeAsArgo(string(script), object)
		if err != nil {
			return err
		}
		known := &unstructured.Unstructured{Object: wholeNumbers(object).(map[string]any)}
		computed, err := status.Compute(known)
		if err != nil {
			return err
		}
		all = append(all, verdicts{
			Argo:     argo,
			Kstatus:  verdict{string(computed.Status), computed.Message},
			FluxExpr: judgeByExpressions(evaluator, known),
		})
	}
	return json.NewEncoder(os.Stdout).Encode(all)
}

// judgeByExpressions reports what cannot be evaluated as Unknown, which Flux waits on as it does on InProgress.
func judgeByExpressions(evaluator *cel.StatusEvaluator, object *unstructured.Unstructured) verdict {
	result, err := evaluator.Evaluate(context.Background(), object)
	if err != nil {
		return verdict{string(status.UnknownStatus), err.Error()}
	}
	return verdict{string(result.Status), result.Message}
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

// act runs the scripts of a custom action, each with the libraries that Argo CD loads for it.
func act(asked question) error {
	all := []acted{}
	for _, object := range asked.Objects {
		actions, err := runLua(asked.ArgoDiscovery, object)
		if err != nil {
			return err
		}
		changed, err := runLua(asked.ArgoAction, object)
		if err != nil {
			return err
		}
		all = append(all, acted{actions, changed})
	}
	return json.NewEncoder(os.Stdout).Encode(all)
}

func runLua(script string, object map[string]any) (any, error) {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for _, library := range []struct {
		name string
		open lua.LGFunction
	}{
		{lua.LoadLibName, lua.OpenPackage}, // before those that register with it
		{lua.BaseLibName, lua.OpenBase},
		{lua.TabLibName, lua.OpenTable},
		{lua.OsLibName, lua.OpenOs},
	} {
		open := lua.P{Fn: state.NewFunction(library.open), Protect: true}
		if err := state.CallByParam(open, lua.LString(library.name)); err != nil {
			return nil, err
		}
	}
	// of os, Argo CD gives time and date alone
	state.GetGlobal(lua.OsLibName).(*lua.LTable).ForEach(func(key, _ lua.LValue) {
		if name := key.String(); name != "time" && name != "date" {
			state.GetGlobal(lua.OsLibName).(*lua.LTable).RawSet(key, lua.LNil)
		}
	})
	state.SetGlobal("obj", toLua(state, object))
	if err := state.DoString(script); err != nil {
		return nil, err
	}
	return fromLua(state.Get(-1)), nil
}

func fromLua(value lua.LValue) any {
	switch typed := value.(type) {
	case lua.LBool:
		return bool(typed)
	case lua.LNumber:
		return float64(typed)
	case lua.LString:
		return string(typed)
	case *lua.LTable:
		if typed.Len() > 0 {
			list := []any{}
			typed.ForEach(func(_, item lua.LValue) { list = append(list, fromLua(item)) })
			return list
		}
		fields := map[string]any{}
		typed.ForEach(func(key, item lua.LValue) { fields[key.String()] = fromLua(item) })
		return fields
	}
	return nil
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
