package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"weir/event"
	"weir/internal/record"
	"weir/processors"
	"weir/processors/enrich"
	"weir/processors/enrich/geo"
	"weir/processors/enrich/network"
	"weir/processors/parse"
	"weir/processors/parse/format"
	"weir/schemas"
)

// ecsFields are the types of ECS, without those of vendors.
func ecsFields() (fields, error) {
	f, err := schemas.ECS()
	if err != nil {
		return nil, fmt.Errorf("reading the fields of ECS: %w", err)
	}
	return f, nil
}

// parser reads records as a running weir does: the parser, then the enrichment.
type parser struct {
	parse  *parse.Parser
	enrich processors.Step
	event  event.Event
	at     time.Time
}

// newParser makes a parser with the formats that were asked for. Times without a zone are in UTC, which the documents were
// made in.
func newParser(set settings, stderr io.Writer) (*parser, error) {
	opts := parse.Options{DefaultZone: time.UTC, History: true}
	if set.formats != "" {
		formats, faults := format.Load(format.Source{Name: set.formats, FS: os.DirFS(set.formats)})
		for _, f := range faults {
			fmt.Fprintln(stderr, f)
		}
		opts.Formats = formats
	}
	p, err := parse.New(opts)
	if err != nil {
		return nil, fmt.Errorf("making a parser: %w", err)
	}
	step, err := enrichment(set, stderr)
	if err != nil {
		return nil, err
	}
	return &parser{parse: p, enrich: step, at: time.Now()}, nil
}

// read returns the documents of a record, as they would be stored.
func (p *parser) read(dataset string, in input) ([]map[string]any, error) {
	fields, err := json.Marshal(merged(in.fields, nil)) // an object, also where there are none
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dataset, err)
	}
	doc, err := event.ParseValue(fields)
	if err != nil {
		return nil, fmt.Errorf("%s: the fields beside the message: %w", dataset, err)
	}
	var docs []map[string]any
	raw := record.Raw{Value: []byte(in.raw), Received: p.at, Input: "syslog"}
	err = p.parse.ParseDocument(dataset, doc, &raw, &p.event, func(e *event.Event) error {
		p.enrich(e, &raw)
		e.Conform()
		var doc map[string]any
		if err := decode(e.AppendJSON(nil), &doc); err != nil {
			return err
		}
		docs = append(docs, doc)
		return nil
	})
	if err != nil {
		return docs, fmt.Errorf("%s: %w", dataset, err)
	}
	return docs, nil
}

// enrichment is what follows the parser: the chain of a weir that has databases of places and no lists.
func enrichment(set settings, stderr io.Writer) (processors.Step, error) {
	dir := set.geoip
	if dir == "" {
		dir = filepath.Join(filepath.Dir(filepath.Clean(set.dir)), "geoip")
	}
	var o geo.Options
	for name, file := range map[string]*string{"GeoLite2-City-Test.mmdb": &o.City, "GeoLite2-ASN-Test.mmdb": &o.ASN} {
		path := filepath.Join(dir, name)
		if _, err := os.Stat(path); err == nil {
			*file = path
		}
	}
	databases, faults := geo.Open(o)
	for _, f := range faults {
		fmt.Fprintln(stderr, f)
	}
	chain, err := enrich.New(enrich.Options{Internal: []string{network.Private}, Geo: databases, UserAgent: true})
	if err != nil {
		return nil, fmt.Errorf("making the enrichment: %w", err)
	}
	return chain.Step, nil
}
