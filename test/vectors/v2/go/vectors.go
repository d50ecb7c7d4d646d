package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
)

// Vector is one value, and what a reader must say of it.
type Vector struct {
	ID    int    `json:"id"`
	What  string `json:"what"`
	Value string `json:"value"`
	Seed  string `json:"seed"`
	Place
	Result string `json:"result"`
	Plain  string `json:"plaintext,omitempty"`
	Expiry uint64 `json:"expiry,omitempty"`
}

// Key is a key pair that vectors are sealed for or read with.
type Key struct {
	Seed      string `json:"seed"`
	PublicKey string `json:"publicKey"`
	ID        string `json:"keyId"`
}

// File is the whole of vectors.json.
type File struct {
	Format  string   `json:"format"`
	Keys    []Key    `json:"keys"`
	Vectors []Vector `json:"vectors"`
}

type maker struct {
	keys []key
	file File
}

var strict = Place{"strict", "shop", "db", "password"}
var secret = []byte("hunter2")

func seedOf(n byte) []byte { return bytes.Repeat([]byte{n}, 32) }

func (m *maker) add(what string, value []byte, seed byte, place Place, result string, plain []byte) {
	v := Vector{len(m.file.Vectors) + 1, what, base64.StdEncoding.EncodeToString(value), hex.EncodeToString(seedOf(seed)), place, result, "", 0}
	if result == "opens" {
		v.Plain = hex.EncodeToString(plain)
		v.Expiry = binary.BigEndian.Uint64(value[6:])
	}
	m.file.Vectors = append(m.file.Vectors, v)
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func (m *maker) request(keys ...int) request {
	r := request{place: strict, value: secret}
	for _, n := range keys {
		r.keys = append(r.keys, m.keys[n])
	}
	return r
}

// opens adds values that a reader must open.
func (m *maker) opens() {
	for _, length := range []int{0, 1, 60, 61, 124, 1020, 1021, 2044, 2045, 5000} {
		r := m.request(1)
		r.value = bytes.Repeat([]byte{0xa5}, length)
		m.add(fmt.Sprintf("a value of %d bytes", length), must(seal(r, recipe{})), 1, strict, "opens", r.value)
	}
	for _, place := range []Place{
		{"namespace-wide", "shop", "db", "password"}, {"cluster-wide", "shop", "db", "password"},
		{"strict", "x", "a.b-c", "tls.crt"}, {"strict", "shop", "", "a"},
	} {
		r := m.request(1)
		r.place = place
		m.add("scope "+place.Scope+" of "+place.Namespace+"/"+place.Name, must(seal(r, recipe{})), 1, place, "opens", secret)
		r.bindsItem = true
		m.add("the same, bound to the item", must(seal(r, recipe{})), 1, place, "opens", secret)
	}
	for _, expiry := range []uint64{1, 1893456000, latest} {
		r := m.request(1)
		r.expiry = expiry
		m.add(fmt.Sprintf("expiry %d", expiry), must(seal(r, recipe{})), 1, strict, "opens", secret)
	}
	three := must(seal(m.request(1, 2, 3), recipe{}))
	for seed := byte(1); seed <= 3; seed++ {
		m.add("three recipients", three, seed, strict, "opens", secret)
	}
	all := []int{}
	for n := 1; n <= 16; n++ {
		all = append(all, n)
	}
	m.add("16 recipients", must(seal(m.request(all...), recipe{})), 16, strict, "opens", secret)
	other := strict
	other.Item = "user"
	m.add("not bound to its item, read as another", must(seal(m.request(1), recipe{})), 1, other, "opens", secret)
	m.add("binary", must(seal(request{m.request(1).keys, strict, false, 0, []byte{0, 255, 10, 0}}, recipe{})), 1, strict, "opens", []byte{0, 255, 10, 0})
}

// changes adds values with one byte changed, cut or added.
func (m *maker) changes() {
	one := must(seal(m.request(1), recipe{}))
	two := must(seal(m.request(1, 2), recipe{}))
	flip := func(what string, at int, result string) {
		changed := slices.Clone(one)
		changed[at] ^= 1
		m.add("one bit of "+what, changed, 1, strict, result, nil)
	}
	flip("the first byte", 0, "malformed")
	flip("the second byte", 1, "malformed")
	flip("the version", 2, "malformed")
	flip("the suite", 3, "malformed")
	flip("the flag of the item", 4, "closed")
	flip("the number of recipients", 5, "malformed")
	for at := 6; at < headerLength; at++ {
		result := "closed"
		if at < 8 {
			result = "malformed"
		}
		flip(fmt.Sprintf("byte %d of the expiry", at-6), at, result)
	}
	base := headerLength
	for _, at := range []int{0, 7, 15} {
		flip(fmt.Sprintf("byte %d of the key id", at), base+at, "closed")
	}
	for _, at := range []int{0, 1, 500, 959, 960, 1087, 1088, 1100, 1119} {
		flip(fmt.Sprintf("byte %d of the encapsulation", at), base+idLength+at, "closed")
	}
	for _, at := range []int{0, 16, 31, 32, 47} {
		flip(fmt.Sprintf("byte %d of the wrapped data key", at), base+idLength+encLength+at, "closed")
	}
	for _, at := range []int{0, 15, 31} {
		flip(fmt.Sprintf("byte %d of the commitment", at), base+entryLength+at, "closed")
	}
	for _, at := range []int{0, 3, 4, 10, 11, 63, 64, 72, 79} {
		flip(fmt.Sprintf("byte %d of ciphertext and tag", at), base+entryLength+commitmentLength+at, "closed")
	}
	for _, length := range []int{2, 3, 5, 6, 13, 14, 15, 30, 1150, 1198, 1229, 1230, 1231, 1309} {
		m.add(fmt.Sprintf("cut to %d bytes", length), one[:length], 1, strict, "malformed", nil)
	}
	m.add("one byte more", append(slices.Clone(one), 0), 1, strict, "closed", nil)
	for _, b := range []struct {
		what     string
		at, byte int
	}{
		{"version 0", 2, 0}, {"version 1", 2, 1}, {"version 255", 2, 255}, {"suite 0", 3, 0}, {"suite 2", 3, 2},
		{"suite 255", 3, 255}, {"flags 2", 4, 2}, {"flags 128", 4, 128}, {"flags 3", 4, 3}, {"no recipient", 5, 0},
		{"two recipients, of which one is there", 5, 2}, {"17 recipients", 5, 17}, {"255 recipients", 5, 255},
		{"an expiry above the greatest", 6, 1},
	} {
		changed := slices.Clone(one)
		changed[b.at] = byte(b.byte)
		m.add(b.what, changed, 1, strict, "malformed", nil)
	}
	entry := func(n int) []byte { return two[headerLength+n*entryLength:][:entryLength] }
	tail := two[headerLength+2*entryLength:]
	head := func(count byte) []byte {
		h := slices.Clone(two[:headerLength])
		h[5] = count
		return h
	}
	own := 0
	if !bytes.Equal(entry(0)[:idLength], m.keys[1].id) {
		own = 1
	}
	m.add("entries in the other order", slices.Concat(head(2), entry(1), entry(0), tail), 1, strict, "malformed", nil)
	m.add("one entry twice", slices.Concat(head(2), entry(0), entry(0), tail), 1, strict, "malformed", nil)
	m.add("the other recipient taken out", slices.Concat(head(1), entry(own), tail), 1, strict, "closed", nil)
	foreign := must(seal(m.request(1, 2), recipe{}))
	m.add("the other recipient's entry of another value", slices.Concat(head(2), replaced(two, foreign, 1-own)), 1, strict, "closed", nil)
	m.add("the own entry of another value", slices.Concat(head(2), replaced(two, foreign, own)), 1, strict, "closed", nil)
	m.add("commitment and ciphertext of another value", slices.Concat(two[:headerLength+2*entryLength], foreign[headerLength+2*entryLength:]), 1, strict, "closed", nil)
}

// replaced is what follows the header, with one entry of another value.
func replaced(value, other []byte, n int) []byte {
	out := slices.Clone(value[headerLength:])
	copy(out[n*entryLength:], other[headerLength+n*entryLength:][:entryLength])
	return out
}

// places adds good values that are read in another place or with another key.
func (m *maker) places() {
	bound := m.request(1)
	bound.bindsItem = true
	value, strictly := must(seal(m.request(1), recipe{})), must(seal(bound, recipe{}))
	for _, p := range []Place{
		{"strict", "shop", "web", "password"}, {"strict", "shop", "", "password"}, {"strict", "lab", "db", "password"},
		{"strict", "", "db", "password"}, {"strict", "shopd", "b", "password"}, {"strict", "sho", "pdb", "password"},
		{"strict", "Shop", "db", "password"}, {"namespace-wide", "shop", "db", "password"},
		{"cluster-wide", "shop", "db", "password"}, {"strict", "shop", "db ", "password"},
	} {
		m.add("read as "+p.Scope+" "+p.Namespace+"/"+p.Name, value, 1, p, "closed", nil)
	}
	for _, item := range []string{"user", "", "Password", "password "} {
		p := strict
		p.Item = item
		m.add("bound to the item password, read as "+item, strictly, 1, p, "closed", nil)
	}
	for _, scope := range []string{"namespace-wide", "cluster-wide"} {
		r := m.request(1)
		r.place.Scope = scope
		m.add("sealed "+scope+", read as strict", must(seal(r, recipe{})), 1, strict, "closed", nil)
	}
	m.add("read with another key", value, 2, strict, "closed", nil)
	m.add("read with the key of none of three", must(seal(m.request(1, 2, 3), recipe{})), 4, strict, "closed", nil)
}

// wrongly adds values of a sealer that does one step wrong.
func (m *maker) wrongly() {
	put := func(what, result string, with recipe) {
		m.add(what, must(seal(m.request(1), with)), 1, strict, result, nil)
	}
	at := func(n int, b byte) func([]byte) []byte {
		return func(x []byte) []byte { x[n] = b; return x }
	}
	put("padding that is not zero", "closed", recipe{payload: at(63, 1)})
	put("padding whose first byte is not zero", "closed", recipe{payload: at(11, 1)})
	put("a bucket more than is needed", "closed", recipe{payload: func(p []byte) []byte { return append(p, make([]byte, 64)...) }})
	put("no padding of a payload of 76 bytes", "closed", recipe{payload: func(p []byte) []byte { p[3] = 72; return append(p, make([]byte, 12)...) }})
	put("a length beyond the end", "closed", recipe{payload: at(3, 61)})
	put("a length of 2^32 - 1", "closed", recipe{payload: func(p []byte) []byte { copy(p, []byte{255, 255, 255, 255}); return p }})
	put("a length of 2^31", "closed", recipe{payload: at(0, 128)})
	put("another nonce", "closed", recipe{nonce: bytes.Repeat([]byte{1}, 12)})
	put("additional data for the payload", "closed", recipe{gcmAad: []byte("x")})
	put("additional data for the data key", "closed", recipe{aad: []byte("x")})
	put("the commitment to another data key", "closed", recipe{commit: func([]byte) []byte { return bytes.Repeat([]byte{7}, 32) }})
	put("a commitment of zeros", "closed", recipe{commit: func([]byte) []byte { return make([]byte, 32) }})
	for _, length := range []int{0, 16, 24, 31} {
		put(fmt.Sprintf("a data key of %d bytes", length), "malformed", recipe{wrapped: func(k []byte) []byte { return k[:length] }})
	}
	put("a data key of 32 bytes of another value", "closed", recipe{wrapped: func([]byte) []byte { return bytes.Repeat([]byte{9}, 32) }})
	put("an info without the place", "closed", recipe{info: func(i []byte) []byte { return i[:20+headerLength+idLength] }})
	put("an info without the domain", "closed", recipe{info: func(i []byte) []byte { return i[20:] }})
	put("an info without the header", "closed", recipe{info: func(i []byte) []byte { return slices.Concat(i[:20], i[20+headerLength:]) }})
	put("an info without the key ids", "closed", recipe{info: func(i []byte) []byte {
		return slices.Concat(i[:20+headerLength], i[20+headerLength+idLength:])
	}})
	put("an empty info", "closed", recipe{info: func([]byte) []byte { return nil }})
	put("the scope 3", "closed", recipe{info: func(i []byte) []byte { i[20+headerLength+idLength] = 3; return i }})
	put("a place with little-endian lengths", "closed", recipe{info: func(i []byte) []byte {
		p := 20 + headerLength + idLength + 1
		i[p], i[p+3] = i[p+3], i[p]
		return i
	}})
	put("a transcript without the recipients", "closed", recipe{salted: func([]byte) []byte { return nil }})
	put("a transcript with the key ids alone", "closed", recipe{salted: func(e []byte) []byte { return e[:idLength] }})
	put("a key id of another key", "closed", recipe{entries: func(e [][]byte) [][]byte { copy(e[0], m.keys[2].id); return e }})
	put("version 3, sealed so", "malformed", recipe{header: func(h []byte) { h[2] = 3 }})
	put("suite 2, sealed so", "malformed", recipe{header: func(h []byte) { h[3] = 2 }})
	put("an unknown flag, sealed so", "malformed", recipe{header: func(h []byte) { h[4] = 4 }})
	put("an expiry above the greatest, sealed so", "malformed", recipe{header: func(h []byte) { binary.BigEndian.PutUint64(h[6:], latest+1) }})
	many := []int{}
	for n := 1; n <= 17; n++ {
		many = append(many, n)
	}
	m.add("17 recipients, sealed so", must(seal(m.request(many...), recipe{})), 1, strict, "malformed", nil)
	twice := m.request(1, 1)
	m.add("one recipient twice, sealed so", must(seal(twice, recipe{})), 1, strict, "malformed", nil)
}

func writeVectors() {
	m := maker{file: File{Format: "sealed value v2, test vectors 1"}}
	for n := range 18 {
		k := must(keyOf(seedOf(byte(n))))
		m.keys = append(m.keys, k)
		m.file.Keys = append(m.file.Keys, Key{hex.EncodeToString(seedOf(byte(n))), base64.StdEncoding.EncodeToString(k.public), hex.EncodeToString(k.id)})
	}
	m.opens()
	m.changes()
	m.places()
	m.wrongly()
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(m.file); err != nil {
		panic(err)
	}
}
