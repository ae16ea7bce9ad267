package keeping

import (
	"context"
	"os"
	"time"

	"weir/internal/app/build"
	"weir/internal/archive"
	"weir/internal/archive/replica"
	"weir/internal/config"
	"weir/internal/retention/policy"
)

// Lock says until when a bucket must not let anybody delete the events of a class and day: as long as the configuration says,
// else as long as the class must be kept. What must be gone by a day is never locked beyond it.
func Lock(cfg *config.Config, policies *policy.Store, now func() time.Time) func(class, day string) time.Time {
	return func(class, day string) time.Time {
		keep, gone, ok := policies.Current().Due(class, day)
		if !ok {
			return time.Time{}
		}
		until := keep
		if span := time.Duration(cfg.Archive.S3.Lock); span > 0 {
			until = now().Add(span)
		}
		if !gone.IsZero() && until.After(gone) {
			until = gone
		}
		if !until.After(now()) {
			return time.Time{}
		}
		return until
	}
}

// OpenReader opens the archive of a configuration for reading, with its bucket where it has one.
func OpenReader(ctx context.Context, cfg *config.Config) (*archive.Archive, error) {
	dir := build.Within(*cfg, cfg.Archive.Folder)
	if cfg.Archive.Bucket == "" {
		return archive.OpenReader(dir)
	}
	st, err := Place(ctx, cfg, cfg.Archive.Bucket)
	if err != nil {
		return nil, err
	}
	return archive.OpenReader(dir, replica.New(st))
}

// archiveOptions are those of the archive of a configuration.
func archiveOptions(ctx context.Context, of *Options) (archive.Options, error) {
	cfg := of.Config
	c := &cfg.Archive
	o := archive.Options{Log: of.Log, EpochRows: c.EpochRows, EpochBytes: int64(c.EpochBytes), EpochAge: time.Duration(c.EpochAge), Writer: of.Writer,
		Local: time.Duration(c.Local), Lock: Lock(cfg, of.Policies, of.Now)}
	if c.Bucket == "" {
		return o, nil
	}
	st, err := Place(ctx, cfg, c.Bucket)
	if err != nil {
		return o, err
	}
	o.Bucket = replica.New(st)
	return o, nil
}

// settle is how long what came in stays, as expiry takes it: it means another thing by nothing.
func settle(cfg *config.Config) time.Duration {
	if cfg.Retention.Settle == 0 {
		return -1
	}
	return time.Duration(cfg.Retention.Settle)
}

// readFile reads a small file of the configuration.
func readFile(name string) ([]byte, error) { return os.ReadFile(name) }
