// Package shim makes the docker provider, which upstream keeps in an internal package, importable.
// Its module path lies below the provider's own, which is what Go's rule on internal packages asks for.
package shim

import (
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	"github.com/terraform-providers/terraform-provider-docker/internal/provider"
)

// NewProvider returns the provider in its plugin SDK v2 form.
func NewProvider() *schema.Provider { return provider.New("dev")() }
