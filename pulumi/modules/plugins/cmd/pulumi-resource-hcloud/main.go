// Command pulumi-resource-hcloud serves Hetzner's provider to the Pulumi engine,
// under the resource names of @pulumi/hcloud.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/hetznercloud/terraform-provider-hcloud/hcloud"
	pf "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/x/muxer"
	"github.com/pulumi/pulumi-terraform-bridge/v3/unstable/metadata"

	"recipe-ci/engine/plugins/serve"
)

const version = "1.41.0"

// dispatcher is the muxed provider: half of it speaks the plugin SDK, half the plugin framework.
type dispatcher interface {
	ResolveDispatch(*tfbridge.ProviderInfo) (muxer.DispatchTable, error)
}

func main() {
	serve.EndWithEngine()
	ctx := context.Background()
	info := tfbridge.ProviderInfo{
		P:              pf.MuxShimWithPF(ctx, shimv2.NewProvider(hcloud.Provider()), hcloud.NewPluginProvider()),
		Name:           "hcloud",
		Version:        version,
		ResourcePrefix: "hcloud",
		MetadataInfo:   tfbridge.NewProviderMetadata([]byte("{}")),
	}
	info.MustComputeTokens(tokens.SingleModule("hcloud_", "index", tokens.MakeStandard("hcloud")))
	info.SetAutonaming(255, "-")
	// The table that says which half serves which resource must stand in the metadata before serving.
	table, err := info.P.(dispatcher).ResolveDispatch(&info)
	if err == nil {
		err = metadata.Set(info.GetMetadata(), "mux", table)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	pf.MainWithMuxer(ctx, "hcloud", info, serve.Schema(info))
}
