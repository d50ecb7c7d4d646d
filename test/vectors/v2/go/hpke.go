package main

import (
	"bytes"
	"crypto/hpke"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
)

// HPKEVector is one context of HPKE, in the words of RFC 9180, appendix A.
type HPKEVector struct {
	Mode        int          `json:"mode"`
	KEM         uint16       `json:"kem_id"`
	KDF         uint16       `json:"kdf_id"`
	AEAD        uint16       `json:"aead_id"`
	Info        string       `json:"info"`
	IKM         string       `json:"ikmR"`
	Private     string       `json:"skRm"`
	Public      string       `json:"pkRm"`
	Enc         string       `json:"enc"`
	Encryptions []Encryption `json:"encryptions"`
	Exports     []Export     `json:"exports"`
}

// Encryption is one message of a context.
type Encryption struct {
	AAD   string `json:"aad"`
	CT    string `json:"ct"`
	Plain string `json:"pt"`
}

// Export is one secret that both sides of a context can export.
type Export struct {
	Context string `json:"exporter_context"`
	Length  int    `json:"L"`
	Value   string `json:"exported_value"`
}

// writeHPKE writes vectors of the algorithms of suite 1, for which the drafts have none: their AEAD is another. The
// encapsulation is random.
func writeHPKE() {
	vectors := []HPKEVector{}
	for n := range 2 {
		ikm := bytes.Repeat([]byte{byte(n + 1)}, 32)
		private := must(hpke.MLKEM768X25519().DeriveKeyPair(ikm))
		info := bytes.Repeat([]byte("info "), n)
		enc, sender, err := hpke.NewSender(private.PublicKey(), hpke.HKDFSHA256(), hpke.AES256GCM(), info)
		if err != nil {
			panic(err)
		}
		v := HPKEVector{0, hpke.MLKEM768X25519().ID(), hpke.HKDFSHA256().ID(), hpke.AES256GCM().ID(), hex.EncodeToString(info),
			hex.EncodeToString(ikm), hex.EncodeToString(must(private.Bytes())), hex.EncodeToString(private.PublicKey().Bytes()),
			hex.EncodeToString(enc), nil, nil}
		for count := range 6 {
			aad, plain := []byte{}, bytes.Repeat([]byte{byte(count)}, 16*count)
			if count > 0 {
				aad = fmt.Appendf(nil, "Count-%d", count)
			}
			v.Encryptions = append(v.Encryptions, Encryption{hex.EncodeToString(aad), hex.EncodeToString(must(sender.Seal(aad, plain))), hex.EncodeToString(plain)})
		}
		for _, context := range []string{"", "context"} {
			v.Exports = append(v.Exports, Export{hex.EncodeToString([]byte(context)), 32, hex.EncodeToString(must(sender.Export(context, 32)))})
		}
		vectors = append(vectors, v)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(vectors); err != nil {
		panic(err)
	}
}
