package probe

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"weir/internal/app/build"
	"weir/internal/config"
)

// oldPlaces is how old a database of places may be. Addresses move: makers bring a new one twice a week.
const oldPlaces = 60 * 24 * time.Hour

// probePlaces reads the databases of places, as a start would. None at all is fine for a weir without events of the
// internet, so that is no warning; what it means, and what to do about it, is said all the same.
func probePlaces(cfg config.Config, now time.Time) Finding {
	f := Finding{Name: "GeoIP", State: OK}
	built, faults := build.Places(cfg)
	switch {
	case built == nil:
		f.Text = "no database is named: events say no country and no operator of an address"
		f.Do = "put GeoLite2-City.mmdb into the data folder and set enrich.geoip.city: docs/enrichment.md"
		return f
	case len(faults) > 0:
		f.State, f.Text, f.Do = Warn, faults[0].Error(), faults[0].Do
		return f
	}
	var texts []string
	for name, at := range built {
		texts = append(texts, fmt.Sprintf("%s of %s", name, at.UTC().Format(time.DateOnly)))
		if now.Sub(at) > oldPlaces {
			f.State, f.Do = Warn, "download newer ones: addresses move from one owner and country to another"
		}
	}
	slices.Sort(texts)
	f.Text = strings.Join(texts, ", ")
	return f
}
