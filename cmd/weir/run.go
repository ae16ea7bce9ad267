package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/app"
)

// runSpec is one part of weir in a process of its own. The code is that of up; only which stages run differs, so what is
// said there about starting and stopping holds here.
func (c *cli) runSpec() pages.Spec {
	var list []string
	return pages.Spec{
		Use: "run", Short: "run some of the stages, on a Kafka of your own", Group: "run",
		Long: "Every stage can run in a process of its own, and in several: processes with the same stage share the partitions of its topics. " +
			"Each needs a data folder of its own and the same bus.brokers. Stages: " + strings.Join(app.Stages, ", ") + ". console keeps alerts and the ledger, and answers questions about them.",
		Examples: []string{"weir run --stage ingest --config weir.yaml", "weir run --stage normalise,correlate --data /srv/weir-2", "weir run --stage archive,console"},
		Common:   []string{"stage", "data", "config"}, Args: ui.AtMost(0),
		Exits: "3 Kafka, a port, folder or right is missing",
		Env:   "WEIR_BUS_BROKERS=host:9092 names the Kafka",
		Flags: func(f *pflag.FlagSet) {
			f.StringSliceVar(&list, "stage", nil, "`stages` to run, separated by commas")
		},
		Run: func(cmd *cobra.Command, _ []string) error {
			if err := checkStages(list); err != nil {
				return err
			}
			return c.up(cmd.Context(), upFlags{stages: list})
		},
	}
}

// checkStages refuses what is no stage before anything is opened.
func checkStages(list []string) error {
	if len(list) == 0 {
		return ui.Usage("no stage is named", "weir run --stage "+app.Stages[0]+"; there are "+strings.Join(app.Stages, ", ")+"; everything in one process: weir up")
	}
	for _, s := range list {
		if !slices.Contains(app.Stages, s) {
			return ui.Usage("there is no stage "+s, "one of "+strings.Join(app.Stages, ", "))
		}
	}
	return nil
}
