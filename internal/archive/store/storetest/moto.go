package storetest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"weir/internal/archive/store"
	"weir/internal/testkit"
)

// Region is the one of every test bucket.
const Region = "eu-west-1"

// Server is a moto server of one test.
type Server struct {
	URL    string
	Client *s3.Client
}

// Moto starts a server that lives as long as the test, and gives the test the environment that reaches it. Without moto
// the test is skipped.
func Moto(t testing.TB) *Server {
	t.Helper()
	path, err := exec.LookPath("moto_server")
	if err != nil {
		testkit.Skip(t, "moto", "moto_server is not installed (pip install 'moto[server]')")
	}
	addr := testkit.FreePort(t)
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "-H", host, "-p", port)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it may start another process, which ends with it
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	})
	if tt, ok := t.(interface{ Setenv(string, string) }); ok {
		tt.Setenv("AWS_ACCESS_KEY_ID", "test")
		tt.Setenv("AWS_SECRET_ACCESS_KEY", "test")
		tt.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	}
	s := &Server{URL: "http://" + addr}
	for began := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		resp, err := http.Get(s.URL + "/moto-api/")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				break
			}
		}
		if time.Since(began) > 2*time.Minute {
			t.Fatal("moto does not answer:", err)
		}
	}
	cfg := aws.Config{Region: Region, BaseEndpoint: &s.URL, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	s.Client = s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	return s
}

// Bucket makes a bucket, with Object Lock if locked.
func (s *Server) Bucket(t testing.TB, name string, locked bool) {
	t.Helper()
	in := &s3.CreateBucketInput{Bucket: &name, CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: Region}}
	if locked {
		in.ObjectLockEnabledForBucket = aws.Bool(true)
	}
	if _, err := s.Client.CreateBucket(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

// Unlock ends the lock of an object, whose key is that in the bucket, as if its time had come. Moto lets it be made shorter, which
// no bucket would, so that no test has to wait for one.
func (s *Server) Unlock(t testing.TB, bucket, key string) {
	t.Helper()
	_, err := s.Client.PutObjectRetention(t.Context(), &s3.PutObjectRetentionInput{Bucket: &bucket, Key: &key,
		Retention: &types.ObjectLockRetention{Mode: types.ObjectLockRetentionModeCompliance, RetainUntilDate: aws.Time(time.Now().Add(-time.Minute))}})
	if err != nil {
		t.Fatal(err)
	}
}

// Open opens a store of the server, through a proxy if there is one.
func (s *Server) Open(t testing.TB, place string, via *Proxy) *store.S3 {
	t.Helper()
	o := store.S3Options{Region: Region, Endpoint: s.URL, Attempts: 2, Patience: 5 * time.Second}
	if via != nil {
		o.Endpoint = via.URL
	}
	st, err := store.OpenS3(t.Context(), place, o)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// Fault is what a proxy does to one request; it returns true if the request was dealt with.
type Fault func(w http.ResponseWriter, r *http.Request, pass http.Handler) bool

// Busy answers 503 Slow Down as S3 does.
func Busy(w http.ResponseWriter, _ *http.Request, _ http.Handler) bool {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write([]byte(`<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>`))
	return true
}

// Cut breaks the connection without an answer.
func Cut(http.ResponseWriter, *http.Request, http.Handler) bool { panic(http.ErrAbortHandler) }

// Lost does what was asked, and breaks the connection instead of saying so.
func Lost(_ http.ResponseWriter, r *http.Request, pass http.Handler) bool {
	pass.ServeHTTP(&nowhere{h: http.Header{}}, r)
	panic(http.ErrAbortHandler)
}

// nowhere takes an answer that nobody gets.
type nowhere struct{ h http.Header }

// Header is that of http.ResponseWriter.
func (n *nowhere) Header() http.Header { return n.h }

// Write is that of http.ResponseWriter.
func (n *nowhere) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader is that of http.ResponseWriter.
func (n *nowhere) WriteHeader(int) {}

// Proxy stands between a store and its server.
type Proxy struct {
	URL   string
	mu    sync.Mutex
	fault Fault
	seen  int
}

// NewProxy starts a proxy that lets everything pass until Set is called.
func NewProxy(t testing.TB, target string) *Proxy {
	t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{URL: "http://" + l.Addr().String()}
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(u)
		r.Out.Host = r.In.Host
	}, ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }}
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		f := p.fault
		p.seen++
		p.mu.Unlock()
		if f == nil || !f(w, r, pass) {
			pass.ServeHTTP(w, r)
		}
	})}
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	t.Cleanup(func() {
		ctx, stop := context.WithTimeout(context.Background(), time.Second)
		defer stop()
		if srv.Shutdown(ctx) != nil {
			_ = srv.Close()
		}
		wg.Wait()
	})
	return p
}

// Set puts a fault between from now on; nil takes it away.
func (p *Proxy) Set(f Fault) {
	p.mu.Lock()
	p.fault = f
	p.mu.Unlock()
}

// Seen returns how many requests came so far.
func (p *Proxy) Seen() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen
}
