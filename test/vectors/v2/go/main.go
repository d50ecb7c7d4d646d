package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
)

// main writes the vectors of the format or those of HPKE, or reads a file of vectors from stdin and prints what it
// makes of each.
func main() {
	if len(os.Args) == 2 && os.Args[1] == "vectors" {
		writeVectors()
		return
	}
	if len(os.Args) == 2 && os.Args[1] == "hpke" {
		writeHPKE()
		return
	}
	var file File
	if err := json.NewDecoder(os.Stdin).Decode(&file); err != nil {
		panic(err)
	}
	for _, v := range file.Vectors {
		value := must(base64.StdEncoding.DecodeString(v.Value))
		plain, err := open(value, must(keyOf(must(hex.DecodeString(v.Seed)))), v.Place)
		if err != nil {
			fmt.Println(v.ID, err)
		} else {
			fmt.Println(v.ID, "opens", hex.EncodeToString(plain))
		}
	}
}
