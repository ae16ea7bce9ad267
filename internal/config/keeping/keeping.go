// Package keeping is the part of the configuration about what is kept: the archive, its copies and its evidence, the rules
// of retention, and reports.
package keeping

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"weir/internal/config/unit"
)

// Archive keeps sealed Parquet.
type Archive struct {
	Folder     string        `yaml:"folder" doc:"where it is kept; relative to data; of several processes that name one folder the first has it and the others stand by"`
	EpochRows  int           `yaml:"epoch_rows" doc:"rows after which the open epoch is sealed"`
	EpochBytes unit.Bytes    `yaml:"epoch_bytes" doc:"size after which the open epoch is sealed"`
	EpochAge   unit.Duration `yaml:"epoch_age" doc:"age after which the open epoch is sealed"`
	Bucket     string        `yaml:"bucket" doc:"s3://NAME/PREFIX that must have a segment before it counts as kept; empty: the folder alone"`
	Local      unit.Duration `yaml:"local" doc:"how long sealed segments stay in the folder too where there is a bucket; 0: always"`
	Copies     []string      `yaml:"copies" doc:"folders or s3://NAME/PREFIX that get a second copy of everything: another disk, another building"`
	S3         S3            `yaml:"s3" doc:"how buckets are reached. Credentials come as the AWS tools find them: environment, profile, role"`
	Log        Log           `yaml:"log" doc:"the transparency log, by which anybody can see that nothing was changed"`
}

// S3 is how buckets are reached.
type S3 struct {
	Region   string        `yaml:"region" doc:"region; empty: as the AWS tools find it"`
	Endpoint string        `yaml:"endpoint" doc:"address of another service that speaks as S3 does; empty: AWS"`
	Lock     unit.Duration `yaml:"lock" doc:"Object Lock in compliance mode for so long, where the bucket has it; 0: as long as the class must be kept; negative is refused"`
}

// Log is the transparency log.
type Log struct {
	KeyFolder string   `yaml:"key_folder" doc:"where the signing key is kept, outside the data folder; empty: DATA.keys beside it"`
	Publish   string   `yaml:"publish" doc:"folder that gets each day's signed checkpoint, such as one of another machine; empty: none"`
	Channels  []string `yaml:"channels" doc:"channels of notify.yaml that are told each day's signed checkpoint: by mail, by a webhook"`
	Stamp     string   `yaml:"stamp" doc:"URL of an RFC 3161 server that stamps each day's checkpoint; empty: none"`
	StampCA   string   `yaml:"stamp_ca" doc:"file of the certificates (PEM) that its stamps must lead to; empty: whatever a stamp brings"`
}

// Retention says how long what is kept.
type Retention struct {
	Systems string        `yaml:"systems" doc:"file of the systems that hold personal data; relative to data"`
	Zone    string        `yaml:"zone" doc:"time zone whose days are meant where a class is kept for days, months or years; empty: this machine's"`
	Enforce bool          `yaml:"enforce" doc:"delete what is due; false: only say what would go"`
	Settle  unit.Duration `yaml:"settle" doc:"how long what came in stays however old its events are, so that imported logs can be looked at"`
}

// Reports are made on a schedule.
type Reports struct {
	File string `yaml:"file" doc:"schedule of reports; relative to data; a file that is not there makes none"`
}

// DefaultArchive is that of a weir without a file.
func DefaultArchive() Archive {
	return Archive{Folder: "archive", EpochRows: 65_536, EpochBytes: 64 << 20, EpochAge: unit.Duration(time.Hour)}
}

// DefaultRetention is that of a weir without a file.
func DefaultRetention() Retention {
	return Retention{Systems: "privacy/systems.yaml", Enforce: true, Settle: unit.Duration(7 * 24 * time.Hour)}
}

// DefaultReports is that of a weir without a file.
func DefaultReports() Reports { return Reports{File: "reports.yaml"} }

// Check checks the values. bad gets each mistake.
func (a *Archive) Check(bad func(key, what, why, do string)) {
	if a.Bucket != "" {
		checkBucket(bad, "archive.bucket", a.Bucket)
	}
	if a.Local < 0 {
		bad("archive.local", fmt.Sprintf("%s is no time to keep anything", time.Duration(a.Local)), "", "write 30d, or 0 for always")
	}
	if a.Local > 0 && a.Bucket == "" {
		bad("archive.local", "segments would leave the folder and be nowhere", "archive.bucket is empty", "name a bucket, or remove archive.local")
	}
	for i, c := range a.Copies {
		key := fmt.Sprintf("archive.copies[%d]", i)
		switch {
		case strings.Contains(c, "://"):
			checkBucket(bad, key, c)
		case c == "":
			bad(key, "a copy has no place", "", "write a folder, or s3://NAME/PREFIX")
		}
		if c != "" && (slices.Contains(a.Copies[:i], c) || c == a.Bucket || c == a.Folder) {
			bad(key, "the same place twice: "+c, "a copy beside the original is lost with it", "name another disk or bucket")
		}
	}
	if a.S3.Lock < 0 {
		bad("archive.s3.lock", fmt.Sprintf("%s is no time for a lock", time.Duration(a.S3.Lock)), "", "write 365d, or 0 for as long as the class must be kept")
	}
	checkURL(bad, "archive.s3.endpoint", a.S3.Endpoint)
	checkURL(bad, "archive.log.stamp", a.Log.Stamp)
}

// Check checks the values. bad gets each mistake.
func (r *Retention) Check(bad func(key, what, why, do string)) {
	if _, err := time.LoadLocation(r.Zone); err != nil {
		bad("retention.zone", fmt.Sprintf("%q is no time zone", r.Zone), "", "write one such as Asia/Seoul or Europe/Berlin")
	}
	if r.Settle < 0 {
		bad("retention.settle", fmt.Sprintf("%s is no time to keep anything", time.Duration(r.Settle)), "", "write 7d, or 0 for none")
	}
}

// checkBucket wants s3://name/prefix.
func checkBucket(bad func(key, what, why, do string), key, text string) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.RawQuery != "" || u.User != nil {
		bad(key, fmt.Sprintf("%q is no bucket", text), "", "write s3://NAME or s3://NAME/PREFIX")
	}
}

// checkURL wants an address of a web server, or nothing.
func checkURL(bad func(key, what, why, do string), key, text string) {
	if text == "" {
		return
	}
	if u, err := url.Parse(text); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		bad(key, fmt.Sprintf("%q is no address", text), "", "write https://host/path")
	}
}
