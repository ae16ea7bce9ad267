// Package agent says of the text by which a client introduced itself which program, which system and which device that is.
//
// The patterns are those of uap-core, and the fields are filled as Elasticsearch's processor does it: user_agent.name and
// .version, .os.name, .version and .full, .device.name; what is not known is called Other.
package agent

import (
	"strings"

	"weir/event"
	"weir/internal/match/fold"
	"weir/processors/enrich/cache"
)

const (
	// cacheSize is how many texts are remembered: a site with many visitors sees some thousand in an hour, most of them
	// from a few hundred.
	cacheSize = 1 << 13
	// maxText bounds what of a text is read and remembered, so that senders who make up long ones cost no more than others.
	maxText = 512
	// other is what Elasticsearch calls what it does not know.
	other = "Other"
)

// Parser reads user agents. It is safe for many goroutines.
type Parser struct {
	known *cache.Cache[string, *client]
	defs  func() (*definitions, error)
}

// client is what is known of one text. It never changes, and events alias its strings.
type client struct {
	name, version             string
	osName, osVersion, osFull string
	device                    string
}

// New makes a Parser. The patterns are read when the first text comes.
func New() *Parser {
	return &Parser{known: cache.New[string, *client](cacheSize), defs: load}
}

// Add sets user_agent.* from user_agent.original, and tells whether there was a text and whether a pattern knew it. An event
// that says the name itself is left alone.
func (p *Parser) Add(e *event.Event) (found, missed bool) {
	if !e.Has(event.UserAgentOriginal) || e.Has(event.UserAgentName) {
		return false, false
	}
	text := e.Str(event.UserAgentOriginal)
	if text == "" {
		return false, false
	}
	c := p.look(text[:min(len(text), maxText)])
	if c == nil {
		return false, false
	}
	e.SetStr(event.UserAgentName, c.name)
	absent(e, event.UserAgentVersion, c.version)
	absent(e, event.UserAgentOSName, c.osName)
	absent(e, event.UserAgentOSVersion, c.osVersion)
	absent(e, event.UserAgentOSFull, c.osFull)
	absent(e, event.UserAgentDeviceName, c.device)
	return c.name != other, c.name == other
}

func absent(e *event.Event, f event.Field, s string) {
	if s != "" && !e.Has(f) {
		e.SetStr(f, s)
	}
}

// look returns what is known of a text, nil if the patterns cannot be read.
func (p *Parser) look(text string) *client {
	if c, ok := p.known.Get(text); ok {
		return c
	}
	defs, err := p.defs()
	if err != nil {
		return nil
	}
	text = strings.Clone(text) // it outlives the record
	c := defs.client(text)
	p.known.Put(text, c)
	return c
}

// client asks the three lists, of which the first pattern that matches counts.
func (d *definitions) client(text string) *client {
	c := &client{name: other, device: other}
	folded := fold.String(text)
	for i := range d.Agents {
		p := &d.Agents[i]
		if g := p.match(text, folded); g != nil {
			if name := fill(p.Family, g, 1); name != "" {
				c.name, c.version = name, version(fill(p.V1, g, 2), fill(p.V2, g, 3), fill(p.V3, g, 4), fill("", g, 5))
				break
			}
		}
	}
	for i := range d.Systems {
		p := &d.Systems[i]
		if g := p.match(text, folded); g != nil {
			if name := fill(p.OS, g, 1); name != "" {
				c.osName, c.osVersion = name, version(fill(p.OSV1, g, 2), fill(p.OSV2, g, 3), fill(p.OSV3, g, 4), fill(p.OSV4, g, 5))
				break
			}
		}
	}
	if c.osVersion != "" {
		c.osFull = c.osName + " " + c.osVersion
	}
	for i := range d.Devices {
		p := &d.Devices[i]
		if g := p.match(text, folded); g != nil {
			if name := fill(p.Device, g, 1); name != "" {
				c.device = name
				break
			}
		}
	}
	return c
}
