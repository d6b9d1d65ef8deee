// Package serve holds what both plugins share: the Pulumi schema of a bridged provider.
package serve

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
)

// Schema returns the provider's schema: read from schema.json beside the executable where the build left one,
// since generating it at each start costs time, else generated. With the single argument "schema" it prints
// the generated schema and exits, which is how the build makes that file.
func Schema(info tfbridge.ProviderInfo) []byte {
	if len(os.Args) == 2 && os.Args[1] == "schema" {
		os.Stdout.Write(generate(info))
		os.Exit(0)
	}
	if exe, err := os.Executable(); err == nil {
		if stored, err := os.ReadFile(filepath.Join(filepath.Dir(exe), "schema.json")); err == nil && json.Valid(stored) {
			return stored
		}
	}
	return generate(info)
}

func generate(info tfbridge.ProviderInfo) []byte {
	sink := diag.DefaultSink(io.Discard, os.Stderr, diag.FormatOptions{Color: colors.Never})
	spec, err := tfgen.GenerateSchema(info, sink)
	if err == nil {
		var out []byte
		if out, err = json.Marshal(spec); err == nil {
			return out
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
	return nil
}
