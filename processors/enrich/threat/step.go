package threat

import (
	"time"

	"weir/event"
	"weir/internal/record"
)

// looked are the fields that are compared, by kind. related.* would hold most of them, but an alert must say which field it was.
var looked = []struct {
	kind   Kind
	fields []event.Field
}{
	{IP, []event.Field{
		event.SourceIP, event.DestinationIP, event.ClientIP, event.ServerIP, event.SourceNATIP, event.DestinationNATIP, event.DNSResolvedIP,
	}},
	{Domain, []event.Field{
		event.DNSQuestionName, event.URLDomain, event.DestinationDomain, event.SourceDomain, event.ServerDomain, event.ClientDomain,
		event.TLSClientServerName,
	}},
	{URL, []event.Field{event.URLFull, event.URLOriginal}},
	{Hash, []event.Field{
		event.FileHashMd5, event.FileHashSha1, event.FileHashSha256, event.FileHashSha512, event.ProcessHashMd5, event.ProcessHashSha1,
		event.ProcessHashSha256, event.ProcessParentHashMd5, event.ProcessParentHashSha1, event.ProcessParentHashSha256, event.DllHashMd5,
		event.DllHashSha1, event.DllHashSha256,
	}},
}

// maxMatches bounds what one event gets: a feed that lists a content network would else fill it.
const maxMatches = 16

// Enrich adds what is known of the addresses, domains, URLs and files of an event: threat.enrichments, as ECS has it, one
// object for each indicator and field. Safe for many goroutines. An event of which nothing is known costs no allocation.
func (s *Store) Enrich(e *event.Event, raw *record.Raw) {
	t := s.table.Load()
	if len(t.entries) == 0 {
		return
	}
	s.tried.Add(1)
	now := uint32(0)
	if raw != nil && !raw.Received.IsZero() {
		now = uint32(raw.Received.Unix())
	}
	var buf [maxMatches]uint32
	var found []event.Value
	for i := range looked {
		l := &looked[i]
		for _, f := range l.fields {
			if !e.Has(f) {
				continue
			}
			v := e.Get(f)
			for j := range v.Len() { // of a value that is no list, item 0 is the value; an empty list has none
				text := v.Item(j).Str()
				for _, hit := range t.lookUp(buf[:0], l.kind, text, now) {
					if len(found) < maxMatches {
						found = append(found, enrichment(t.describe(hit), f, text))
					}
				}
			}
		}
	}
	if len(found) > 0 {
		s.hits.Add(1)
		e.Set(event.ThreatEnrichments, event.Items(found...))
	}
}

// enrichment is one entry of threat.enrichments (ECS 8.11, threat fields).
//
// The name of the feed and the description alias the table, which is never changed.
func enrichment(i Indicator, f event.Field, text string) event.Value {
	str := event.Str
	indicator := []event.Value{str("type"), str(i.typ()), str("provider"), str(i.Feed)}
	switch i.Kind {
	case IP:
		indicator = append(indicator, str("ip"), str(i.Value))
	case CIDR:
		indicator = append(indicator, str("name"), str(i.Value))
	case Domain:
		indicator = append(indicator, str("url"), event.Members(str("domain"), str(i.Value)))
	case URL:
		indicator = append(indicator, str("url"), event.Members(str("original"), str(i.Value)))
	case Hash:
		indicator = append(indicator, str("file"), event.Members(str("hash"), event.Members(str(hashName(i.Value)), str(i.Value))))
	}
	if i.Description != "" {
		indicator = append(indicator, str("description"), str(i.Description))
	}
	if i.Confidence >= 0 {
		indicator = append(indicator, str("confidence"), str(level(i.Confidence)))
	}
	return event.Members(
		str("indicator"), event.Members(indicator...),
		str("feed"), event.Members(str("name"), str(i.Feed)),
		str("matched"), event.Members(str("atomic"), str(text), str("field"), str(f.Path()), str("type"), str("indicator_match_rule")),
	)
}

// typ is the type of an indicator as ECS names it; of addresses it tells the version.
func (i Indicator) typ() string {
	if i.Kind != IP && i.Kind != CIDR {
		return i.Kind.String()
	}
	for _, c := range i.Value {
		if c == ':' {
			return "ipv6-addr"
		}
	}
	return "ipv4-addr"
}

// level is a confidence in the words of ECS, by the None/Low/Medium/High scale of STIX 2.1, appendix A.
//
// Feeds that name no confidence give no level: it would be a guess with the look of a fact.
func level(confidence int) string {
	switch {
	case confidence == 0:
		return "None"
	case confidence < 30:
		return "Low"
	case confidence < 70:
		return "Medium"
	}
	return "High"
}

// hashName is the field of ECS for a hash of this length.
func hashName(hex string) string {
	switch len(hex) {
	case 32:
		return "md5"
	case 40:
		return "sha1"
	case 56:
		return "sha224"
	case 64:
		return "sha256"
	case 96:
		return "sha384"
	}
	return "sha512"
}

// Match is an indicator that a value fits.
type Match = Indicator

// Find returns all that is known of one value, whatever it is.
//
// It is for people, who ask about one value at a time: what has expired by now is left out.
func (s *Store) Find(value string) []Match {
	t := s.table.Load()
	k, ok := guess(value)
	if !ok {
		return nil
	}
	var out []Match
	for _, n := range t.lookUp(nil, k, value, uint32(time.Now().Unix())) {
		out = append(out, t.describe(n))
	}
	return out
}
