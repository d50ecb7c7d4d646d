// Command wire-format-v2 is a second implementation of docs/wire-format-v2.md, from the text alone, in another
// language and on another library of HPKE. It makes the test vectors, faults included, and opens values.
package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"
)

const (
	headerLength     = 14
	idLength         = 16
	encLength        = 1120
	wrappedLength    = 48
	entryLength      = idLength + encLength + wrappedLength
	commitmentLength = 32
	shortest         = 64 + 16
	latest           = 8_640_000_000_000
)

var (
	errMalformed = errors.New("malformed")
	errClosed    = errors.New("closed")
)

// Place is what a value is bound to (§2).
type Place struct {
	Scope     string `json:"scope"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	Item      string `json:"item"`
}

func (p Place) bytes(bindsItem bool) []byte {
	namespace, name, item := p.Namespace, p.Name, p.Item
	scope := byte(0)
	switch p.Scope {
	case "namespace-wide":
		scope, name = 1, ""
	case "cluster-wide":
		scope, namespace, name = 2, "", ""
	}
	if !bindsItem {
		item = ""
	}
	out := []byte{scope}
	for _, text := range []string{namespace, name, item} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(text)))
		out = append(out, text...)
	}
	return out
}

type key struct {
	private hpke.PrivateKey
	public  []byte
	id      []byte
}

func keyOf(seed []byte) (key, error) {
	private, err := hpke.MLKEM768X25519().NewPrivateKey(seed)
	if err != nil {
		return key{}, err
	}
	public := private.PublicKey().Bytes()
	sum := sha256.Sum256(slices.Concat([]byte("fuin-key-id-v2"), []byte{1}, public))
	return key{private, public, sum[:idLength]}, nil
}

// bucket is the length of the payload for a value with its length (§4).
func bucket(p int) int {
	if p <= 64 {
		return 64
	}
	power := 1 << bits.Len(uint(p-1))
	if p <= 1024 {
		return power
	}
	step := power / 16
	return (p + step - 1) / step * step
}

func payloadOf(value []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(value)))
	out = append(out, value...)
	return append(out, make([]byte, bucket(len(out))-len(out))...)
}

func derive(dataKey, info, entries []byte) (contentKey, commitment []byte, err error) {
	salt := sha256.Sum256(slices.Concat(info, entries))
	derived, err := hkdf.Key(sha256.New, dataKey, salt[:], "fuin-sealed-value-v2", 64)
	if err != nil {
		return nil, nil, err
	}
	return derived[:32], derived[32:], nil
}

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// recipe is how a value is sealed. Its functions stand for single steps, so that a vector can get one wrong.
type recipe struct {
	header  func([]byte)                // changes the header before it is bound
	info    func([]byte) []byte         // changes the info of HPKE
	aad     []byte                      // of HPKE
	dataKey []byte                      // 32 random bytes by default
	wrapped func(dataKey []byte) []byte // what HPKE encrypts
	entries func([][]byte) [][]byte     // changes the entries before the transcript
	salted  func([]byte) []byte         // changes the entries that the transcript has
	payload func([]byte) []byte         // changes the payload
	commit  func([]byte) []byte         // changes the commitment
	nonce   []byte
	gcmAad  []byte
}

type request struct {
	keys      []key
	place     Place
	bindsItem bool
	expiry    uint64
	value     []byte
}

func seal(r request, with recipe) ([]byte, error) {
	keys := slices.Clone(r.keys)
	slices.SortFunc(keys, func(a, b key) int { return bytes.Compare(a.id, b.id) })
	header := []byte{0, 0, 2, 1, 0, byte(len(keys))}
	if r.bindsItem {
		header[4] = 1
	}
	header = binary.BigEndian.AppendUint64(header, r.expiry)
	if with.header != nil {
		with.header(header)
	}
	info := slices.Concat([]byte("fuin-sealed-value-v2"), header)
	for _, k := range keys {
		info = append(info, k.id...)
	}
	info = append(info, r.place.bytes(r.bindsItem)...)
	if with.info != nil {
		info = with.info(info)
	}
	dataKey := with.dataKey
	if dataKey == nil {
		dataKey = make([]byte, 32)
		rand.Read(dataKey)
	}
	plain := dataKey
	if with.wrapped != nil {
		plain = with.wrapped(dataKey)
	}
	var entries [][]byte
	for _, k := range keys {
		enc, sender, err := hpke.NewSender(k.private.PublicKey(), hpke.HKDFSHA256(), hpke.AES256GCM(), info)
		if err != nil {
			return nil, err
		}
		wrapped, err := sender.Seal(with.aad, plain)
		if err != nil {
			return nil, err
		}
		entries = append(entries, slices.Concat(k.id, enc, wrapped))
	}
	if with.entries != nil {
		entries = with.entries(entries)
	}
	written := slices.Concat(entries...)
	salted := written
	if with.salted != nil {
		salted = with.salted(slices.Clone(written))
	}
	contentKey, commitment, err := derive(dataKey, info, salted)
	if err != nil {
		return nil, err
	}
	if with.commit != nil {
		commitment = with.commit(commitment)
	}
	payload := payloadOf(r.value)
	if with.payload != nil {
		payload = with.payload(payload)
	}
	nonce := with.nonce
	if nonce == nil {
		nonce = make([]byte, 12)
	}
	aead, err := gcm(contentKey)
	if err != nil {
		return nil, err
	}
	return slices.Concat(header, written, commitment, aead.Seal(nil, nonce, payload, with.gcmAad)), nil
}

func open(value []byte, k key, place Place) ([]byte, error) {
	if len(value) < headerLength || value[0] != 0 || value[1] != 0 || value[2] != 2 || value[3] != 1 || value[4] > 1 {
		return nil, errMalformed
	}
	count := int(value[5])
	entriesEnd := headerLength + count*entryLength
	if count < 1 || count > 16 || len(value) < entriesEnd+commitmentLength+shortest {
		return nil, errMalformed
	}
	header := value[:headerLength]
	if binary.BigEndian.Uint64(header[6:]) > latest {
		return nil, errMalformed
	}
	entries := value[headerLength:entriesEnd]
	info := slices.Concat([]byte("fuin-sealed-value-v2"), header)
	var own []byte
	for at := 0; at < len(entries); at += entryLength {
		entry := entries[at : at+entryLength]
		if at > 0 && bytes.Compare(entries[at-entryLength:at-entryLength+idLength], entry[:idLength]) >= 0 {
			return nil, errMalformed
		}
		info = append(info, entry[:idLength]...)
		if bytes.Equal(entry[:idLength], k.id) {
			own = entry
		}
	}
	info = append(info, place.bytes(header[4] == 1)...)
	if own == nil {
		return nil, errClosed
	}
	enc, wrapped := own[idLength:idLength+encLength], own[idLength+encLength:]
	recipient, err := hpke.NewRecipient(enc, k.private, hpke.HKDFSHA256(), hpke.AES256GCM(), info)
	if err != nil {
		return nil, errClosed
	}
	dataKey, err := recipient.Open(nil, wrapped)
	if err != nil || len(dataKey) != 32 {
		return nil, errClosed
	}
	contentKey, commitment, err := derive(dataKey, info, entries)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare(commitment, value[entriesEnd:entriesEnd+commitmentLength]) != 1 {
		return nil, errClosed
	}
	aead, err := gcm(contentKey)
	if err != nil {
		return nil, err
	}
	payload, err := aead.Open(nil, make([]byte, 12), value[entriesEnd+commitmentLength:], nil)
	if err != nil || len(payload) < 4 {
		return nil, errClosed
	}
	length := int(binary.BigEndian.Uint32(payload))
	if length > len(payload)-4 || bucket(4+length) != len(payload) {
		return nil, errClosed
	}
	if slices.ContainsFunc(payload[4+length:], func(b byte) bool { return b != 0 }) {
		return nil, errClosed
	}
	return payload[4 : 4+length], nil
}
