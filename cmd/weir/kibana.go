package main

import (
	"github.com/spf13/cobra"

	"weir/cmd/weir/pages"
	"weir/cmd/weir/ui"
	"weir/internal/fault"
	"weir/internal/kibana"
	"weir/internal/term"
)

// kibanaSpec brings weir's pages into Kibana. It needs no running weir: the objects are part of the program.
func (c *cli) kibanaSpec() pages.Spec {
	var k kibana.Command
	return pages.Spec{
		Use: "kibana", Short: "bring data views, searches and dashboards into Kibana", Group: "care",
		Examples: []string{"weir kibana import --url http://127.0.0.1:5601"},
		Sub: []pages.Spec{{
			Use: "import", Short: "import weir's data views, saved searches and dashboards", Args: ui.AtMost(0), Flags: k.Flags,
			Long:     "Ids are fixed: with --overwrite the objects of an earlier import are replaced, without it they stay. elastic.prefix of the configuration names the indices.",
			Examples: []string{"weir kibana import --url http://127.0.0.1:5601", "weir kibana import --url https://kibana.example.net:5601 --ca ca.pem --api-key env:KIBANA_KEY --overwrite"},
			Common:   []string{"url", "space", "api-key", "overwrite"}, Exits: "1 Kibana did not take some objects; 3 it cannot be reached, is too old or refuses the user",
			Run: func(cmd *cobra.Command, _ []string) error {
				l, err := c.load()
				if err != nil {
					return err
				}
				r, err := c.engine.kibana(&k, cmd.Context(), l.Config.Elastic.Prefix, c.env)
				if err != nil {
					return err
				}
				return c.imported(r)
			},
		}},
	}
}

// imported lists what Kibana did not take, and says how many it did.
func (c *cli) imported(r kibana.Result) error {
	t := term.NewTable(c.out, term.Column{Head: "TYPE"}, term.Column{Head: "ID"}, term.Column{Head: "NOT IMPORTED BECAUSE", Cut: true})
	for _, f := range r.Failed {
		t.Row(f.Type, f.ID, f.Reason)
	}
	show := t.Flush
	if c.json {
		show = func() error { return c.line(r) }
	}
	if err := show(); err != nil {
		return err
	}
	c.note("%s imported into Kibana %s, %d not; begin with the dashboard weir: Overview", ui.Plural(r.Imported, "object"), term.Escape(r.Version), len(r.Failed))
	if len(r.Failed) > 0 {
		return ui.Found{Code: fault.ExitFound}
	}
	return nil
}
