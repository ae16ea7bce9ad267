package geo

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"

	"weir/internal/fault"
)

// kind is what a database knows.
type kind uint8

const (
	city kind = iota
	country
	asn
	anonymous
	kinds
)

// kindNames are the keys of the configuration, and how databases of a kind are called: a file of another kind under a key
// would quietly add nothing.
var kindNames = [kinds]struct {
	key   string
	types []string
}{
	{"city", []string{"City", "Enterprise", "Insights"}},
	{"country", []string{"Country", "City", "Enterprise", "Insights"}},
	{"asn", []string{"ASN", "ISP", "Enterprise", "Insights"}},
	{"anonymous", []string{"Anonymous", "Insights"}},
}

// others are the words by which a database shows that it is of another kind. A name with none of them is taken: makers
// other than MaxMind call theirs as they like.
var others = []string{"City", "Country", "ASN", "ISP", "Anonymous", "Connection-Type", "Domain"}

// maxSize bounds a file: the largest that are sold are below 200 MiB.
const maxSize = 1 << 30

// Settling: how often a file that changes while it is read is read again, and how long is waited between.
const (
	settleTries = 3
	settleWait  = 50 * time.Millisecond
)

// open reads a database into memory and checks all of it. Nothing of the file is used afterwards, so it may be written
// over, cut or removed at any time; and since all of it was looked at, no later look-up finds a broken place.
func open(k kind, path string) (*maxminddb.Reader, *fault.Error) {
	data, err := settled(path)
	if err != nil {
		do := "name a MaxMind DB file that this user can read, or remove enrich.geoip." + kindNames[k].key
		return nil, &fault.Error{Code: "geoip-unreadable", What: "a GeoIP database cannot be read", Where: path, Why: fault.Innermost(err), Do: do, Exit: fault.ExitMissing, Cause: err}
	}
	db, err := check(data)
	if err != nil {
		return nil, &fault.Error{Code: "geoip-broken", What: "a GeoIP database is broken", Where: path, Why: fault.Innermost(err), Do: "download it again, and move it into its place when it is whole", Exit: fault.ExitUsage, Cause: err}
	}
	if typ := db.Metadata.DatabaseType; wrongKind(k, typ) {
		return nil, &fault.Error{Code: "geoip-kind", What: fmt.Sprintf("enrich.geoip.%s names a database of another kind", kindNames[k].key), Where: path, Why: "it is a " + typ,
			Do: "give it the database of that kind, such as GeoLite2-" + kindNames[k].types[0], Exit: fault.ExitUsage}
	}
	return db, nil
}

// errMoving is the reason of a file that does not keep still.
var errMoving = errors.New("it is being written")

// settled reads a file that does not change meanwhile.
func settled(path string) ([]byte, error) {
	for try := range settleTries {
		if try > 0 {
			time.Sleep(settleWait)
		}
		before, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if before.IsDir() {
			return nil, errors.New("it is a folder")
		}
		if before.Size() > maxSize {
			return nil, errors.New("it is larger than 1 GiB")
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		after, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if after.ModTime().Equal(before.ModTime()) && after.Size() == before.Size() && int64(len(data)) == after.Size() {
			return data, nil
		}
	}
	return nil, errMoving
}

// check opens the bytes of a database and walks through all of it. The library finds what it looks for; that it does so
// without a panic in bytes of any kind is not promised, so one is a finding too.
func check(data []byte) (db *maxminddb.Reader, err error) {
	defer func() {
		if r := recover(); r != nil {
			db, err = nil, fmt.Errorf("it cannot be followed: %v", r)
		}
	}()
	if db, err = maxminddb.OpenBytes(data); err != nil {
		return nil, err
	}
	return db, db.Verify()
}

// wrongKind tells whether the name of a database says that it is of another kind.
func wrongKind(k kind, typ string) bool {
	has := func(words []string) bool {
		for _, w := range words {
			if strings.Contains(typ, w) {
				return true
			}
		}
		return false
	}
	return !has(kindNames[k].types) && has(others)
}
