package config

import (
	"fmt"
	"net/url"
	"regexp"
)

// indexPrefix is what an index's name may begin with: lower case, and nothing that a pattern or a path would read
// otherwise. The class and the date follow.
var indexPrefix = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,99}$`)

// What the keys of elastic may be at most. A request of http.max_content_length (100 MiB) is refused by a server that
// nobody has configured.
const (
	bulkBytesMost = 64 << 20
	workersMost   = 64
)

// checkElastic checks the keys of elastic against each other and against what the server can do.
func checkElastic(e *Elastic, bad func(key, what, why, do string)) {
	for _, text := range e.URLs {
		u, err := url.Parse(text)
		switch {
		case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
			bad("elastic.urls", fmt.Sprintf("%q is no address of a web server", text), "", "write https://host:9200")
		case u.User != nil:
			bad("elastic.urls", "a user or password stands in an address", "it would be printed with it", "write elastic.user and elastic.password")
		case u.Scheme == "http" && e.CA != "":
			bad("elastic.ca", "a CA is named and an address is not encrypted", text, "write https://")
		}
	}
	if !indexPrefix.MatchString(e.Prefix) {
		bad("elastic.prefix", fmt.Sprintf("%q cannot begin the name of an index", e.Prefix), "", "use lower-case letters, digits, . _ and -, as in logs-weir.")
	}
	if e.APIKey != "" && e.User != "" {
		bad("elastic.user", "a user beside an API key", "only one of them could count", "remove user and password, or api_key")
	}
	if e.User != "" && e.Password == "" {
		bad("elastic.user", "a user without a password", "elastic.password is empty", "write password: file:PATH beside it")
	}
	if e.User == "" && e.Password != "" {
		bad("elastic.password", "a password without a user", "elastic.user is empty", "write user: NAME beside it")
	}
	if e.BulkBytes > bulkBytesMost {
		bad("elastic.bulk_bytes", e.BulkBytes.String()+" is too large", "the server takes 100 MiB at most, if nobody changed that", "write "+Bytes(bulkBytesMost).String()+" or less; 4 MiB is a good size")
	}
	if e.Workers > workersMost {
		bad("elastic.workers", "more requests at once than help", "", fmt.Sprintf("write %d or less", workersMost))
	}
	if e.ShardBudget > 100 {
		bad("elastic.shard_budget", "more than all", "it is a percentage", "write 80")
	}
}
