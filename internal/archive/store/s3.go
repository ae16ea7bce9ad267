package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"

	"weir/internal/fault"
)

// S3Options say how buckets are reached. Credentials come as the AWS tools find them: environment, profile, role.
type S3Options struct {
	Region   string // empty: as the AWS tools find it
	Endpoint string // address of another service that speaks as S3 does; empty: AWS
	Attempts int    // tries of one request, with growing pauses between them (5)
	// Patience bounds one request with all its tries; a large file gets more for its size (30 s).
	Patience time.Duration
	HTTP     *http.Client // nil: the SDK's own
}

// S3 is a store in a bucket, below a prefix.
type S3 struct {
	client       *s3.Client
	bucket, pre  string
	patience     time.Duration
	mu           sync.Mutex
	asked, locks bool // whether the bucket was asked for Object Lock, and has it
}

// slowest is the rate, in bytes a second, below which a transfer is given up and tried again.
const slowest = 256 << 10

// largest is the size of a file as far as the patience with its reading goes: segments are of this order.
const largest = 64 << 20

// OpenS3 returns the store at s3://NAME/PREFIX. Nothing is asked of the bucket yet.
func OpenS3(ctx context.Context, place string, o S3Options) (*S3, error) {
	u, err := url.Parse(place)
	if err != nil || u.Scheme != "s3" || u.Host == "" {
		return nil, &fault.Error{Code: "archive-bucket", What: fmt.Sprintf("%q is no bucket", place), Do: "write s3://NAME or s3://NAME/PREFIX", Exit: fault.ExitUsage}
	}
	opts := []func(*awsconfig.LoadOptions) error{awsconfig.WithRetryer(func() aws.Retryer {
		return retry.NewStandard(func(so *retry.StandardOptions) {
			so.MaxAttempts = max(1, o.Attempts)
			if o.Attempts == 0 {
				so.MaxAttempts = 5
			}
			so.MaxBackoff = 5 * time.Second
			so.RateLimiter = unlimited{} // whoever uses the store has a pause of its own
		})
	})}
	if o.Region != "" {
		opts = append(opts, awsconfig.WithRegion(o.Region))
	}
	if o.Endpoint != "" {
		opts = append(opts, awsconfig.WithBaseEndpoint(o.Endpoint))
	}
	if o.HTTP != nil {
		opts = append(opts, awsconfig.WithHTTPClient(o.HTTP))
	}
	cfg, err := awsconfig.LoadDefaultConfig(ctx, opts...)
	if err != nil {
		return nil, &fault.Error{Code: "archive-bucket", What: "the AWS profile cannot be used", Where: place, Why: fault.Innermost(err), Do: "aws sts get-caller-identity", Exit: fault.ExitUsage, Cause: err}
	}
	if cfg.Region == "" {
		return nil, &fault.Error{Code: "archive-bucket", What: "no AWS region is named", Where: place, Why: "neither archive.s3.region nor AWS_REGION nor a profile has one",
			Do: "set archive.s3.region to that of the bucket", Exit: fault.ExitUsage}
	}
	s := &S3{bucket: u.Host, pre: strings.Trim(u.Path, "/"), patience: o.Patience}
	if s.pre != "" {
		s.pre += "/"
	}
	if s.patience <= 0 {
		s.patience = 30 * time.Second
	}
	s.client = s3.NewFromConfig(cfg, func(so *s3.Options) {
		so.UsePathStyle = o.Endpoint != "" // one address has no name for each bucket
		so.Logger = logging.Nop{}          // it complains about each answer of a service that sends no checksum
	})
	return s, nil
}

// unlimited lets every retry pass.
type unlimited struct{}

// GetToken is that of the SDK.
func (unlimited) GetToken(context.Context, uint) (func() error, error) {
	return func() error { return nil }, nil
}

// AddTokens is that of the SDK.
func (unlimited) AddTokens(uint) error { return nil }

// String returns s3://NAME/PREFIX.
func (s *S3) String() string { return strings.TrimSuffix("s3://"+s.bucket+"/"+s.pre, "/") }

// within bounds a call by its patience and by what its size needs.
func (s *S3) within(ctx context.Context, size int64) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, s.patience+time.Duration(size)*time.Second/slowest)
}

// Put is that of Store. The content is compared with its SHA-256 here, before it goes out, and by the bucket, before it
// takes it. Two that write one name at a time cannot both have it.
func (s *S3) Put(ctx context.Context, key string, c Content) error {
	if err := check(key); err != nil {
		return err
	}
	ctx, stop := s.within(ctx, c.Size)
	defer stop()
	in := s.input(key, c.Body, c.Size, c.SHA256)
	in.IfNoneMatch = aws.String("*")
	if !c.Until.IsZero() {
		locks, err := s.Locks(ctx)
		if err != nil {
			return err
		}
		if locks && c.Until.After(time.Now()) {
			in.ObjectLockMode, in.ObjectLockRetainUntilDate = types.ObjectLockModeCompliance, aws.Time(c.Until.UTC())
		}
	}
	if _, err := c.Body.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("writing %s: %w", key, err)
	}
	h := sha256.New()
	if _, err := io.Copy(h, reader{ctx, c.Body}); err != nil {
		return fmt.Errorf("writing %s: %w", key, err)
	}
	if [sha256.Size]byte(h.Sum(nil)) != c.SHA256 {
		return fmt.Errorf("writing %s/%s: %w", s, key, ErrContent)
	}
	if _, err := c.Body.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("writing %s: %w", key, err)
	}
	_, err := s.client.PutObject(ctx, in)
	if err == nil {
		return nil
	}
	// A try whose answer was lost may have written it: then it is there with this content.
	same, sameErr := false, error(nil)
	if taken(err) || !refused(err) {
		same, sameErr = s.same(ctx, key, c)
	}
	switch {
	case same:
		return nil
	case taken(err) && sameErr == nil:
		return fmt.Errorf("writing %s/%s: %w", s, key, ErrOther)
	case code(err) == "BadDigest" || code(err) == "XAmzContentChecksumMismatch":
		return fmt.Errorf("writing %s/%s: %w", s, key, ErrContent)
	}
	return s.wrap("writing", key, err)
}

// input makes the request that writes an object.
func (s *S3) input(key string, body io.Reader, size int64, sum [sha256.Size]byte) *s3.PutObjectInput {
	return &s3.PutObjectInput{Bucket: &s.bucket, Key: aws.String(s.pre + key), Body: body, ContentLength: &size,
		ChecksumAlgorithm: types.ChecksumAlgorithmSha256, ChecksumSHA256: aws.String(base64.StdEncoding.EncodeToString(sum[:]))}
}

// same tells whether an object is there with this content.
func (s *S3) same(ctx context.Context, key string, c Content) (bool, error) {
	head, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.bucket, Key: aws.String(s.pre + key), ChecksumMode: types.ChecksumModeEnabled})
	if err != nil {
		return false, err
	}
	if aws.ToInt64(head.ContentLength) != c.Size {
		return false, nil
	}
	if sum := aws.ToString(head.ChecksumSHA256); sum != "" {
		return sum == base64.StdEncoding.EncodeToString(c.SHA256[:]), nil
	}
	r, _, err := s.Open(ctx, key)
	if err != nil {
		return false, err
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return false, err
	}
	return [sha256.Size]byte(h.Sum(nil)) == c.SHA256, nil
}

// Replace is that of Store.
func (s *S3) Replace(ctx context.Context, key string, b []byte) error {
	if err := check(key); err != nil {
		return err
	}
	ctx, stop := s.within(ctx, int64(len(b)))
	defer stop()
	if _, err := s.client.PutObject(ctx, s.input(key, bytes.NewReader(b), int64(len(b)), sha256.Sum256(b))); err != nil {
		return s.wrap("writing", key, err)
	}
	return nil
}

// Open is that of Store. The reader must be closed, and ends with ctx.
func (s *S3) Open(ctx context.Context, key string) (io.ReadCloser, Info, error) {
	if err := check(key); err != nil {
		return nil, Info{}, err
	}
	ctx, stop := s.within(ctx, largest)
	out, err := s.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.bucket, Key: aws.String(s.pre + key)})
	if err != nil {
		stop()
		return nil, Info{}, s.wrap("reading", key, err)
	}
	info := Info{Key: key, Size: aws.ToInt64(out.ContentLength), Modified: aws.ToTime(out.LastModified), Until: aws.ToTime(out.ObjectLockRetainUntilDate)}
	return &whole{ReadCloser: out.Body, left: info.Size, stop: stop}, info, nil
}

// whole makes a body that ends early an error, and one that does not end too.
type whole struct {
	io.ReadCloser
	left int64
	stop context.CancelFunc
}

// Close is that of io.Closer.
func (w *whole) Close() error {
	defer w.stop()
	return w.ReadCloser.Close()
}

// Read is that of io.Reader.
func (w *whole) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	if w.left -= int64(n); errors.Is(err, io.EOF) && w.left > 0 {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// Stat is that of Store.
func (s *S3) Stat(ctx context.Context, key string) (Info, error) {
	if err := check(key); err != nil {
		return Info{}, err
	}
	ctx, stop := s.within(ctx, 0)
	defer stop()
	out, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &s.bucket, Key: aws.String(s.pre + key)})
	if err != nil {
		return Info{}, s.wrap("reading", key, err)
	}
	return Info{Key: key, Size: aws.ToInt64(out.ContentLength), Modified: aws.ToTime(out.LastModified), Until: aws.ToTime(out.ObjectLockRetainUntilDate)}, nil
}

// List is that of Store.
func (s *S3) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		pages := s3.NewListObjectsV2Paginator(s.client, &s3.ListObjectsV2Input{Bucket: &s.bucket, Prefix: aws.String(s.pre + prefix)})
		for pages.HasMorePages() {
			page, err := s.page(ctx, pages)
			if err != nil {
				yield(Info{}, s.wrap("listing", prefix, err))
				return
			}
			for _, o := range page.Contents {
				key := strings.TrimPrefix(aws.ToString(o.Key), s.pre)
				if check(key) != nil {
					continue // such as the marker of a folder, which some tools make
				}
				if !yield(Info{Key: key, Size: aws.ToInt64(o.Size), Modified: aws.ToTime(o.LastModified)}, nil) {
					return
				}
			}
		}
	}
}

// page asks for the next page of a list.
func (s *S3) page(ctx context.Context, pages *s3.ListObjectsV2Paginator) (*s3.ListObjectsV2Output, error) {
	ctx, stop := s.within(ctx, 0)
	defer stop()
	return pages.NextPage(ctx)
}

// Delete is that of Store. In a bucket that keeps versions an object only goes when each of them is deleted by its name.
func (s *S3) Delete(ctx context.Context, key string) error {
	if err := check(key); err != nil {
		return err
	}
	ctx, stop := s.within(ctx, 0)
	defer stop()
	if info, err := s.Stat(ctx, key); err == nil && info.Until.After(time.Now()) {
		return &LockedError{Key: key, Until: info.Until}
	}
	name := s.pre + key
	versions, err := s.versions(ctx, name)
	if err != nil {
		return s.wrap("deleting", key, err)
	}
	for _, v := range versions {
		in := &s3.DeleteObjectInput{Bucket: &s.bucket, Key: &name}
		if v != "" && v != "null" {
			in.VersionId = aws.String(v)
		}
		if _, err := s.client.DeleteObject(ctx, in); err != nil {
			if until := s.lockOf(ctx, name, v); until.After(time.Now()) {
				return &LockedError{Key: key, Until: until}
			}
			return s.wrap("deleting", key, err)
		}
	}
	return nil
}

// versions returns the versions of an object, with the marks that stand for deleted ones; one empty name where the
// service does not know of versions.
func (s *S3) versions(ctx context.Context, name string) (out []string, err error) {
	pages := s3.NewListObjectVersionsPaginator(s.client, &s3.ListObjectVersionsInput{Bucket: &s.bucket, Prefix: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			if c := code(err); c == "NotImplemented" || c == "MethodNotAllowed" {
				return []string{""}, nil
			}
			return nil, err
		}
		for _, v := range page.Versions {
			if aws.ToString(v.Key) == name {
				out = append(out, aws.ToString(v.VersionId))
			}
		}
		for _, v := range page.DeleteMarkers {
			if aws.ToString(v.Key) == name {
				out = append(out, aws.ToString(v.VersionId))
			}
		}
	}
	return out, nil
}

// lockOf returns until when a version is locked; zero if it is not, or cannot be asked.
func (s *S3) lockOf(ctx context.Context, name, version string) time.Time {
	in := &s3.GetObjectRetentionInput{Bucket: &s.bucket, Key: &name}
	if version != "" {
		in.VersionId = &version
	}
	out, err := s.client.GetObjectRetention(ctx, in)
	if err != nil || out.Retention == nil {
		return time.Time{}
	}
	return aws.ToTime(out.Retention.RetainUntilDate)
}

// Locks tells whether the bucket has Object Lock. It is asked once.
func (s *S3) Locks(ctx context.Context) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked {
		return s.locks, nil
	}
	out, err := s.client.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: &s.bucket})
	switch c := code(err); {
	case err == nil:
		s.locks = out.ObjectLockConfiguration != nil && out.ObjectLockConfiguration.ObjectLockEnabled == types.ObjectLockEnabledEnabled
	case c == "ObjectLockConfigurationNotFoundError" || c == "ObjectLockConfigurationNotFound" || c == "NotImplemented" || c == "MethodNotAllowed":
	default:
		return false, s.wrap("asking for Object Lock of", "", err)
	}
	s.asked = true
	return s.locks, nil
}

// wrap says what was done to which object, and gives a missing one the error of every store.
func (s *S3) wrap(doing, key string, err error) error {
	switch code(err) {
	case "NoSuchKey", "NotFound":
		return fmt.Errorf("%s %s/%s: %w", doing, s, key, ErrNotFound)
	case "NoSuchBucket":
		return &fault.Error{Code: "archive-bucket", What: "there is no such bucket", Where: s.String(), Do: "make the bucket, or correct its name", Exit: fault.ExitMissing, Cause: err}
	case "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "Forbidden":
		return &fault.Error{Code: "archive-bucket", What: "the bucket does not let weir in", Where: s.String(), Why: fault.Innermost(err),
			Do: "let this role read, write, list and delete objects below the prefix: docs/archive.md", Exit: fault.ExitMissing, Cause: err}
	}
	return fmt.Errorf("%s %s/%s: %w", doing, s, key, err)
}

// code returns what a service calls its error; empty if it gave none.
func code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// taken tells whether a condition did not hold: somebody has the name, or is about to get it.
func taken(err error) bool {
	c := code(err)
	return c == "PreconditionFailed" || c == "ConditionalRequestConflict"
}

// refused tells whether the service answered that it will not do it.
func refused(err error) bool {
	var resp interface{ HTTPStatusCode() int }
	return errors.As(err, &resp) && resp.HTTPStatusCode() >= 400 && resp.HTTPStatusCode() < 500
}
