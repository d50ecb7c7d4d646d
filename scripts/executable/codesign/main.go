// Program codesign signs an executable for macOS ad hoc, in place: `codesign FILE IDENTIFIER`. The signature names
// nobody; it lets macOS on arm64 start the program, and shows later changes to it.
package main

import (
	"encoding/asn1"
	"fmt"
	"os"
	"strings"

	"github.com/blacktop/go-macho"
	"github.com/blacktop/go-macho/pkg/codesign"
	"github.com/blacktop/go-macho/pkg/codesign/types"
)

// What V8 asks of a system that hardens programs: to write code and to run it. Node's own file has both.
var entitlements = []string{
	"com.apple.security.cs.allow-jit",
	"com.apple.security.cs.allow-unsigned-executable-memory",
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: codesign FILE IDENTIFIER")
		os.Exit(2)
	}
	if err := sign(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintf(os.Stderr, "codesign: %s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}

func sign(path, identifier string) error {
	file, err := macho.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if file.CodeSignature() != nil {
		return fmt.Errorf("is signed already")
	}
	if err := closeGaps(file); err != nil {
		return err
	}
	der, err := derOfEntitlements()
	if err != nil {
		return err
	}
	config := &codesign.Config{
		ID:              identifier,
		Flags:           types.ADHOC,
		Entitlements:    xmlOfEntitlements(),
		EntitlementsDER: der,
	}
	if err := file.CodeSign(config); err != nil {
		return err
	}
	signed := path + ".signed"
	if err := file.Save(signed); err != nil { // executable for all
		return err
	}
	return os.Rename(signed, path)
}

// closeGaps makes every segment end where the next begins. go-macho writes segments one after the other without
// what lies between them; Node leaves a gap behind the segment of the program, which is no multiple of a page.
func closeGaps(file *macho.File) error {
	segments := file.Segments()
	for index := 1; index < len(segments); index++ {
		before, after := segments[index-1], segments[index]
		if before.Filesz == 0 {
			continue // __PAGEZERO
		}
		if size := after.Offset - before.Offset; size < before.Filesz || size > before.Memsz {
			return fmt.Errorf("segment %s: %d bytes in the file, the next one begins after %d", before.Name, before.Filesz, size)
		} else {
			before.Filesz = size
		}
	}
	return nil
}

// xmlOfEntitlements is the form that older systems read.
func xmlOfEntitlements() []byte {
	var list strings.Builder
	for _, name := range entitlements {
		fmt.Fprintf(&list, "\t<key>%s</key>\n\t<true/>\n", name)
	}
	return []byte(`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
` + list.String() + "</dict>\n</plist>\n")
}

// derOfEntitlements is the form that macOS 12 and later read: [APPLICATION 16] { INTEGER 1, [16] { { name, TRUE }... } }.
func derOfEntitlements() ([]byte, error) {
	var list []byte
	for _, name := range entitlements {
		entry, err := asn1.Marshal(struct {
			Name  string `asn1:"utf8"`
			Value bool
		}{name, true})
		if err != nil {
			return nil, err
		}
		list = append(list, entry...)
	}
	entries, err := asn1.Marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 16, IsCompound: true, Bytes: list})
	if err != nil {
		return nil, err
	}
	version := []byte{asn1.TagInteger, 1, 1}
	return asn1.Marshal(asn1.RawValue{
		Class: asn1.ClassApplication, Tag: 16, IsCompound: true, Bytes: append(version, entries...),
	})
}
