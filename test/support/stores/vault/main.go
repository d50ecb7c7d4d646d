// Command vault serves Vault's own KV engines, versions 1 and 2, and its transit engine over HTTP as Vault does:
// what Vault's core adds (mounts, tokens, logging in, namespaces) is as little as clients of these engines meet.
//
//	vault ADDRESS TOKEN                     serves until it is ended; secret/ is version 2, kv/ version 1, transit/
//	                                        the transit engine; auth/kubernetes/login takes any JWT for the role
//	                                        sealed-secrets and gives a token that expires after two seconds
//	vault get API-PATH                      prints what `vault kv get -format=json` prints of VAULT_ADDR
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	kv "github.com/hashicorp/vault-plugin-secrets-kv"
	"github.com/hashicorp/vault/api"
	"github.com/hashicorp/vault/builtin/logical/transit"
	"github.com/hashicorp/vault/sdk/logical"
)

type mount struct {
	path, kind, version string
	backend             logical.Backend
	storage             logical.Storage
}

func main() {
	log.SetFlags(0)
	if len(os.Args) == 3 && os.Args[1] == "get" {
		get(os.Args[2])
		return
	}
	if len(os.Args) != 3 {
		log.Fatal("usage: vault ADDRESS TOKEN, or vault get API-PATH")
	}
	serve(os.Args[1], os.Args[2])
}

// get reads with Vault's own client and prints as its command line does.
func get(path string) {
	client, err := api.NewClient(nil)
	if err != nil {
		log.Fatal(err)
	}
	secret, err := client.Logical().Read(path)
	if err != nil {
		log.Fatal(err)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(secret); err != nil {
		log.Fatal(err)
	}
}

func serve(address, token string) {
	mounts := []mount{
		open("secret/", "kv", "2", kv.Factory), open("kv/", "kv", "1", kv.Factory),
		open("transit/", "transit", "", transit.Factory),
	}
	issued := &tokens{root: token, expiry: map[string]time.Time{}}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("http://%s\n", listener.Addr())
	log.Fatal(http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path, isAPI := strings.CutPrefix(r.URL.Path, "/v1/")
		switch given := r.Header.Get("X-Vault-Token"); {
		case !isAPI:
			respondErrors(w, http.StatusNotFound)
		case path == "auth/kubernetes/login":
			login(w, r, issued)
		case !issued.isValid(given):
			respondErrors(w, http.StatusForbidden, "permission denied")
		case strings.HasPrefix(path, "sys/internal/ui/mounts/"):
			describe(w, mounts, strings.TrimPrefix(path, "sys/internal/ui/mounts/"))
		default:
			handle(w, r, mounts, path)
		}
	})))
}

func open(path, kind, version string, factory logical.Factory) mount {
	storage := &logical.InmemStorage{}
	backend, err := factory(context.Background(), &logical.BackendConfig{
		StorageView: storage,
		System:      logical.TestSystemView(),
		BackendUUID: "00000000-0000-0000-0000-000000000000",
		Config:      map[string]string{"version": version},
	})
	if err != nil {
		log.Fatal(err)
	}
	return mount{path, kind, version, backend, storage}
}

// tokens are those that may be used: the root token, and those that somebody got by logging in.
type tokens struct {
	root   string
	lock   sync.Mutex
	expiry map[string]time.Time
}

const tokenLifetime = 2 * time.Second

func (t *tokens) isValid(token string) bool {
	t.lock.Lock()
	defer t.lock.Unlock()
	return token == t.root || time.Now().Before(t.expiry[token])
}

func (t *tokens) issue() string {
	t.lock.Lock()
	defer t.lock.Unlock()
	token := "hvs." + rand.Text()
	t.expiry[token] = time.Now().Add(tokenLifetime)
	return token
}

// login answers like the Kubernetes method of Vault, but asks no API server whether the JWT is good.
func login(w http.ResponseWriter, r *http.Request, issued *tokens) {
	var given struct{ Role, JWT string }
	if err := json.NewDecoder(r.Body).Decode(&given); err != nil || given.Role != "sealed-secrets" {
		respondErrors(w, http.StatusBadRequest, fmt.Sprintf("invalid role name %q", given.Role))
		return
	}
	if strings.Count(given.JWT, ".") != 2 {
		respondErrors(w, http.StatusForbidden, "permission denied")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"auth": map[string]any{
		"client_token": issued.issue(), "lease_duration": int(tokenLifetime.Seconds()), "renewable": true,
	}})
}

// describe answers which mount a path belongs to, as Vault's core does for every token that may use the path.
func describe(w http.ResponseWriter, mounts []mount, path string) {
	for _, each := range mounts {
		if strings.HasPrefix(path+"/", each.path) {
			respond(w, &logical.Request{}, &logical.Response{Data: map[string]any{
				"path": each.path, "type": each.kind, "options": map[string]any{"version": each.version},
			}})
			return
		}
	}
	// a path without a mount is answered like one without rights
	respondErrors(w, http.StatusForbidden, fmt.Sprintf("preflight capability check returned 403, please ensure client's policies grant access to path %q", path+"/"))
}

var operations = map[string]logical.Operation{
	http.MethodGet: logical.ReadOperation, http.MethodPost: logical.UpdateOperation,
	http.MethodPut: logical.UpdateOperation, http.MethodDelete: logical.DeleteOperation,
}

func handle(w http.ResponseWriter, r *http.Request, mounts []mount, path string) {
	for _, each := range mounts {
		rest, isHere := strings.CutPrefix(path, each.path)
		if !isHere {
			continue
		}
		data := map[string]any{}
		for key, values := range r.URL.Query() {
			data[key] = values[0]
		}
		if r.ContentLength > 0 {
			decoder := json.NewDecoder(r.Body)
			decoder.UseNumber()
			if err := decoder.Decode(&data); err != nil {
				respondErrors(w, http.StatusBadRequest, "error parsing JSON")
				return
			}
		}
		request := &logical.Request{
			ID: "00000000-0000-0000-0000-000000000000", Operation: operations[r.Method], Path: rest,
			Data: data, Storage: each.storage, MountType: each.kind, MountPoint: each.path,
		}
		if request.Operation == logical.UpdateOperation {
			// as Vault's core does: what is not there yet is created, which is a right of its own
			if isKnown, exists, err := each.backend.HandleExistenceCheck(r.Context(), request); err == nil && isKnown && !exists {
				request.Operation = logical.CreateOperation
			}
		}
		response, err := each.backend.HandleRequest(r.Context(), request)
		if status, failure := logical.RespondErrorCommon(request, response, err); status >= http.StatusBadRequest {
			respondErrors(w, status, messagesOf(failure)...)
			return
		}
		respond(w, request, response)
		return
	}
	respondErrors(w, http.StatusNotFound, fmt.Sprintf("no handler for route %q. route entry not found.", path))
}

func messagesOf(failure error) []string {
	if failure == nil {
		return nil // nothing is there
	}
	return []string{failure.Error()}
}

func respond(w http.ResponseWriter, request *logical.Request, response *logical.Response) {
	if response == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	// KV version 2 gives the status and the body of what is no longer there itself
	if status, isRaw := response.Data[logical.HTTPStatusCode].(int); isRaw {
		w.WriteHeader(status)
		_, _ = fmt.Fprint(w, response.Data[logical.HTTPRawBody])
		return
	}
	body := logical.LogicalResponseToHTTPResponse(response)
	body.RequestID, body.MountType = request.ID, request.MountType
	_ = json.NewEncoder(w).Encode(body)
}

func respondErrors(w http.ResponseWriter, status int, messages ...string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if messages == nil {
		messages = []string{}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": messages})
}
