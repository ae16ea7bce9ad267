package main

import (
	"runtime"

	"github.com/spf13/cobra"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
)

// versionSpec prints what a report of a fault needs: version, revision, Go, system.
// It reads neither files nor the configuration, so that it works where nothing else does.
// The revision is there for builds out of the repository only.
func (c *cli) versionSpec() pages.Spec {
	return pages.Spec{
		Use: "version", Short: "print the version", Group: "care", Examples: []string{"weir version", "weir version --json"}, Args: ui.AtMost(0),
		Run: func(*cobra.Command, []string) error {
			if c.json {
				return c.line(struct {
					Version string `json:"version"`
					Go      string `json:"go"`
					System  string `json:"system"`
				}{buildVersion(), runtime.Version(), runtime.GOOS + "/" + runtime.GOARCH})
			}
			return c.printf("weir %s %s %s/%s\n", buildVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
		},
	}
}
