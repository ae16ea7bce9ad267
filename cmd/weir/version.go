package main

import (
	"runtime"

	"github.com/spf13/cobra"

	"weir/cmd/weir/pages"
)

// versionSpec prints what a report of a fault needs: version, revision, Go, system.
func (c *cli) versionSpec() pages.Spec {
	return pages.Spec{
		Use: "version", Short: "print the version", Group: "care", Examples: []string{"weir version", "weir version --json"}, Args: atMost(0),
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
