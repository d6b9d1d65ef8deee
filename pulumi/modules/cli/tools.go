//go:build tools

// Package tools pins the Pulumi CLI: `go build github.com/pulumi/pulumi/pkg/v3/cmd/pulumi` in this folder builds it.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
