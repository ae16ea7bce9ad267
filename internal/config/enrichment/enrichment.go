// Package enrichment is the sections of the configuration about what is added to events, and what is taken out of them.
package enrichment

import (
	"fmt"
	"net/netip"
	"strings"
)

// Normalise says what every event gets on its way, and loses.
type Normalise struct {
	Inventory string `yaml:"inventory" doc:"file (CSV or YAML) with names, addresses and time zones of devices; relative to data"`
	Classes   string `yaml:"classes" doc:"file of retention classes, tried before those that weir ships; relative to data"`
	Redact    string `yaml:"redact" doc:"file of what is taken out of events before they are stored; relative to data"`
	ECS       string `yaml:"ecs_version" doc:"value of ecs.version"`
}

// Enrich adds to events what their messages do not say.
type Enrich struct {
	InternalNetworks []string `yaml:"internal_networks" doc:"networks of one's own, from which network.direction follows; private: those that are nobody's on the internet; empty: no direction"`
	Users            string   `yaml:"users" doc:"file (CSV or YAML) of what is known of users; relative to data"`
	UserAgent        bool     `yaml:"user_agent" doc:"read user agents"`
	Threat           string   `yaml:"threat" doc:"folder of threat indicators and of the list of feeds (feeds.yaml); relative to data; empty: none"`
	GeoIP            GeoIP    `yaml:"geoip" doc:"databases in MaxMind's format; read again when they change"`
}

// GeoIP names databases.
type GeoIP struct {
	City      string `yaml:"city" doc:"file of cities, as GeoLite2-City.mmdb; relative to data; empty: none"`
	Country   string `yaml:"country" doc:"file of countries, for what the cities do not have; relative to data; empty: none"`
	ASN       string `yaml:"asn" doc:"file of operators of networks, as GeoLite2-ASN.mmdb; relative to data; empty: none"`
	Anonymous string `yaml:"anonymous" doc:"file of addresses that hide somebody, as GeoIP2-Anonymous-IP.mmdb; relative to data; empty: none"`
	Details   bool   `yaml:"details" doc:"add time zone and postal code too"`
}

// Check checks the version of ECS. bad gets each mistake.
func (c *Normalise) Check(bad func(key, what, why, do string)) {
	if !strings.HasPrefix(c.ECS, "8.") && !strings.HasPrefix(c.ECS, "9.") {
		bad("normalise.ecs_version", fmt.Sprintf("%q is no version that weir writes", c.ECS), "it writes ECS 8 and 9", "write 8.11.0")
	}
}

// Check checks the networks of one's own. The files are looked at by whoever reads them. bad gets each mistake.
func (c *Enrich) Check(bad func(key, what, why, do string)) {
	for _, s := range c.InternalNetworks {
		if _, err := netip.ParsePrefix(s); err == nil || s == "private" {
			continue
		}
		if _, err := netip.ParseAddr(s); err != nil {
			bad("enrich.internal_networks", fmt.Sprintf("%q is no network", s), "", "write networks such as 192.0.2.0/24, or private")
		}
	}
}
