// Command pulumi-resource-docker serves kreuzwerker's docker provider to the Pulumi engine,
// under the resource names of @pulumi/docker.
package main

import (
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/terraform-providers/terraform-provider-docker/shim"

	"recipe-ci/engine/plugins/serve"
)

const version = "5.2.0"

func main() {
	serve.EndWithEngine()
	info := tfbridge.ProviderInfo{
		P:              shimv2.NewProvider(shim.NewProvider()),
		Name:           "docker",
		Version:        version,
		ResourcePrefix: "docker",
		Resources: map[string]*tfbridge.ResourceInfo{
			"docker_config": {Tok: tfbridge.MakeResource("docker", "index", "ServiceConfig")},
			"docker_image":  {Tok: tfbridge.MakeResource("docker", "index", "RemoteImage")},
		},
		IgnoreMappings: []string{"docker_compose", "docker_buildx_builder"},
	}
	info.MustComputeTokens(tokens.SingleModule("docker_", "index", tokens.MakeStandard("docker")))
	info.SetAutonaming(255, "-")
	tfbridge.Main("docker", version, info, serve.Schema(info))
}
