// Validates an OCI image layout: every descriptor's digest and size, every layer's uncompressed digest, every media type.
// Usage: validate DIRECTORY; prints the platforms of the image.
package main

import (
	"fmt"
	"os"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(directory string) error {
	index, err := layout.ImageIndexFromPath(directory)
	if err != nil {
		return err
	}
	if err := validate.Index(index); err != nil {
		return err
	}
	return printPlatforms(index)
}

func printPlatforms(index v1.ImageIndex) error {
	manifest, err := index.IndexManifest()
	if err != nil {
		return err
	}
	for _, descriptor := range manifest.Manifests {
		if !descriptor.MediaType.IsIndex() {
			fmt.Println(descriptor.Platform.String())
			continue
		}
		inner, err := index.ImageIndex(descriptor.Digest)
		if err != nil {
			return err
		}
		if err := printPlatforms(inner); err != nil {
			return err
		}
	}
	return nil
}
