package geo

import (
	"net/netip"

	"github.com/oschwald/maxminddb-golang/v2"

	"weir/event"
	"weir/processors/enrich/role"
)

// record is what weir reads of a database of any kind: each has a part of it.
type record struct {
	Continent struct {
		Names name `maxminddb:"names"`
	} `maxminddb:"continent"`
	Country struct {
		ISOCode string `maxminddb:"iso_code"`
		Names   name   `maxminddb:"names"`
	} `maxminddb:"country"`
	Subdivisions []struct {
		ISOCode string `maxminddb:"iso_code"`
		Names   name   `maxminddb:"names"`
	} `maxminddb:"subdivisions"`
	City struct {
		Names name `maxminddb:"names"`
	} `maxminddb:"city"`
	Location struct {
		Latitude  *float64 `maxminddb:"latitude"`
		Longitude *float64 `maxminddb:"longitude"`
		TimeZone  string   `maxminddb:"time_zone"`
	} `maxminddb:"location"`
	Postal struct {
		Code string `maxminddb:"code"`
	} `maxminddb:"postal"`
	Number       int64  `maxminddb:"autonomous_system_number"`
	Organization string `maxminddb:"autonomous_system_organization"`
	Anonymous    bool   `maxminddb:"is_anonymous"`
	VPN          bool   `maxminddb:"is_anonymous_vpn"`
	Hosting      bool   `maxminddb:"is_hosting_provider"`
	PublicProxy  bool   `maxminddb:"is_public_proxy"`
	Residential  bool   `maxminddb:"is_residential_proxy"`
	Tor          bool   `maxminddb:"is_tor_exit_node"`
}

// name is a name in English; the other languages are not read.
type name struct {
	English string `maxminddb:"en"`
}

// place is what is known of one address. It never changes, and its strings are its own: events alias them.
type place struct {
	continent, countryCode, country, regionCode, region, city string
	location                                                  event.Value
	zone, postal                                              string
	number                                                    int64
	organization                                              string
	anonymous                                                 []event.Value
	// What of the two parts there is.
	hasGeo, hasAS bool
}

// look asks all databases about one address. They were walked through when they were opened; should the library fail on
// one all the same, the address is unknown and the process goes on.
func (s *snapshot) look(a netip.Addr) (p *place) {
	defer func() {
		if recover() != nil {
			p = nil
		}
	}()
	p = &place{}
	var r record
	where := s.dbs[city]
	if !read(where, a, &r) {
		read(s.dbs[country], a, &r)
	}
	p.hasGeo = p.fillGeo(&r)
	r = record{}
	if read(s.dbs[asn], a, &r) {
		p.number, p.organization = r.Number, r.Organization
		p.hasAS = p.number != 0
	}
	r = record{}
	if read(s.dbs[anonymous], a, &r) {
		p.anonymous = kindsOf(&r)
	}
	if !p.hasGeo && !p.hasAS && p.anonymous == nil {
		return nil
	}
	return p
}

// read reads what a database has of an address. All of it was checked when it was opened, so an error is as good as no
// answer.
func read(db *maxminddb.Reader, a netip.Addr, r *record) bool {
	if db == nil || a.Is6() && db.Metadata.IPVersion == 4 {
		return false
	}
	found := db.Lookup(a)
	return found.Found() && found.Decode(r) == nil
}

// fillGeo takes over where an address is.
func (p *place) fillGeo(r *record) bool {
	p.continent, p.country, p.countryCode, p.city = r.Continent.Names.English, r.Country.Names.English, r.Country.ISOCode, r.City.Names.English
	if len(r.Subdivisions) > 0 {
		first := r.Subdivisions[0] // the largest one
		p.region = first.Names.English
		if p.countryCode != "" && first.ISOCode != "" {
			p.regionCode = p.countryCode + "-" + first.ISOCode
		}
	}
	if l := r.Location; l.Latitude != nil && l.Longitude != nil {
		p.location = event.Members(event.Str("lat"), event.Real(*l.Latitude), event.Str("lon"), event.Real(*l.Longitude))
	}
	p.zone, p.postal = r.Location.TimeZone, r.Postal.Code
	return p.continent != "" || p.country != "" || p.countryCode != "" || p.location.Kind() != event.Absent
}

// kindsOf names what is known of who hides behind an address.
func kindsOf(r *record) (out []event.Value) {
	for _, k := range [...]struct {
		is   bool
		name string
	}{{r.VPN, "vpn"}, {r.Hosting, "hosting"}, {r.PublicProxy, "public_proxy"}, {r.Residential, "residential_proxy"}, {r.Tor, "tor_exit_node"}} {
		if k.is {
			out = append(out, event.Str(k.name))
		}
	}
	if out == nil && r.Anonymous {
		out = append(out, event.Str("anonymous"))
	}
	return out
}

// fields are those of one role.
type fields struct {
	continent, countryCode, country, regionCode, region, city, location, zone, postal event.Field
	number, organization, anonymous                                                   event.Field
}

var byRole = [role.Count]fields{
	role.Source: {
		event.SourceGeoContinentName, event.SourceGeoCountryIsoCode, event.SourceGeoCountryName, event.SourceGeoRegionIsoCode, event.SourceGeoRegionName,
		event.SourceGeoCityName, event.SourceGeoLocation, event.SourceGeoTimezone, event.SourceGeoPostalCode,
		event.SourceASNumber, event.SourceASOrganizationName, event.WeirAnonymousSource,
	},
	role.Destination: {
		event.DestinationGeoContinentName, event.DestinationGeoCountryIsoCode, event.DestinationGeoCountryName, event.DestinationGeoRegionIsoCode, event.DestinationGeoRegionName,
		event.DestinationGeoCityName, event.DestinationGeoLocation, event.DestinationGeoTimezone, event.DestinationGeoPostalCode,
		event.DestinationASNumber, event.DestinationASOrganizationName, event.WeirAnonymousDestination,
	},
	role.Client: {
		event.ClientGeoContinentName, event.ClientGeoCountryIsoCode, event.ClientGeoCountryName, event.ClientGeoRegionIsoCode, event.ClientGeoRegionName,
		event.ClientGeoCityName, event.ClientGeoLocation, event.ClientGeoTimezone, event.ClientGeoPostalCode,
		event.ClientASNumber, event.ClientASOrganizationName, event.WeirAnonymousClient,
	},
	role.Server: {
		event.ServerGeoContinentName, event.ServerGeoCountryIsoCode, event.ServerGeoCountryName, event.ServerGeoRegionIsoCode, event.ServerGeoRegionName,
		event.ServerGeoCityName, event.ServerGeoLocation, event.ServerGeoTimezone, event.ServerGeoPostalCode,
		event.ServerASNumber, event.ServerASOrganizationName, event.WeirAnonymousServer,
	},
}

// set adds what is known of an address. What the device says itself stays, and where it names another country, nothing is
// added: a document that says two places at once helps nobody.
func (p *place) set(e *event.Event, f *fields, details bool) {
	if code := e.Str(f.countryCode); p.hasGeo && (code == "" || code == p.countryCode) {
		absent(e, f.continent, p.continent)
		absent(e, f.countryCode, p.countryCode)
		absent(e, f.country, p.country)
		absent(e, f.regionCode, p.regionCode)
		absent(e, f.region, p.region)
		absent(e, f.city, p.city)
		if p.location.Kind() != event.Absent && !e.Has(f.location) {
			e.Set(f.location, p.location)
		}
		if details {
			absent(e, f.zone, p.zone)
			absent(e, f.postal, p.postal)
		}
	}
	if p.hasAS && !e.Has(f.number) {
		e.SetInt(f.number, p.number)
		absent(e, f.organization, p.organization)
	}
	for _, v := range p.anonymous {
		e.Append(f.anonymous, v.Str())
	}
}

func absent(e *event.Event, f event.Field, s string) {
	if s != "" && !e.Has(f) {
		e.SetStr(f, s)
	}
}
