// Package console is the web console: search, alerts, sources and compliance as pages that this process serves by itself.
package console

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/user"
	"strconv"
	"time"

	"weir/internal/console/alerts"
	"weir/internal/console/auth"
	"weir/internal/console/compliance"
	"weir/internal/console/search"
	"weir/internal/console/site"
	"weir/internal/console/sources"
	"weir/internal/console/why"
	"weir/internal/control/consoling"
	"weir/internal/control/question"
	"weir/internal/term"
)

// Options are what the console is made of.
type Options struct {
	// Backend answers what the pages ask: a control.Backend. What else it is (alerting.Decider, watching.Watcher,
	// question.Answerer) is used; what it is not, the pages say plainly.
	Backend any
	Auth    *auth.Keeper
	Log     *slog.Logger
	Version string
	Now     func() time.Time // nil: time.Now
	Zone    *time.Location   // of the times that are shown; nil: this machine's
	// Data is the folder that copied commands name with --data; "": the one that they take by themselves.
	Data string
	// Listen is the address that is served, for the names of cookies.
	Listen string
	// Hosts are names by which the console is called besides addresses, localhost and the name of this machine.
	Hosts []string
	// Why explains where the values of an event come from; nil: the page says that it is not known here.
	Why *why.Explainer
}

// New makes the handler of every page. It starts no goroutine; a request ends with its context.
func New(o Options) http.Handler {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		o.Zone = time.Local
	}
	_, port, _ := net.SplitHostPort(o.Listen) // without a port the cookie has none in its name
	command := func(rest string) string {
		if o.Data == "" {
			return "weir " + rest
		}
		return "weir " + rest + " --data " + term.ShellWord(o.Data)
	}
	s := site.New(site.Options{Backend: o.Backend, Auth: o.Auth, Log: o.Log, Version: o.Version, Now: o.Now, Zone: o.Zone, Command: command, Hosts: o.Hosts, Port: port})
	mux := http.NewServeMux()
	mux.Handle("GET /assets/", s.Assets())
	mux.Handle("GET /in/{token}", s.Open(offer))
	mux.Handle("POST /in/{token}", s.Open(signIn))
	mux.Handle("POST /out", s.Page(signOut))
	mux.Handle("POST /choose", s.Page((*site.View).Choose))
	mux.Handle("GET /pulse", s.Page(func(v *site.View) { v.PulsePart() }))
	mux.Handle("GET /{$}", s.Page(func(v *site.View) { v.Back("/search", "") }))
	search.Routes(mux, s, o.Why)
	alerts.Routes(mux, s)
	sources.Routes(mux, s)
	compliance.Routes(mux, s)
	mux.Handle("/", s.Page(func(v *site.View) { v.Fail(site.Unknown(v.R.URL.Path)) }))
	return s.Guard(mux)
}

// tokenPage is what the page of a token shows.
type tokenPage struct{ Token, Command string }

// offer shows the button that uses a token up. Looking at the address does not: a mail program or a chat that looks at
// links before its user does would burn it.
func offer(v *site.View) {
	token := v.R.PathValue("token")
	if _, ok := v.Auth.Holds(token); !ok {
		token = ""
	}
	status := http.StatusOK
	if token == "" {
		status = http.StatusUnauthorized
	}
	v.Show(status, "signin", v.T("Sign in"), tokenPage{token, v.Command("console open")})
}

// signIn uses a token up and begins a session.
func signIn(v *site.View) {
	secret, s, ok := v.Auth.SignIn(v.R.PathValue("token"))
	if !ok {
		v.Log.Warn("a token that is none, or was used", "component", "console", "from", v.R.RemoteAddr)
		v.Show(http.StatusUnauthorized, "signin", v.T("Sign in"), tokenPage{"", v.Command("console open")})
		return
	}
	v.Log.Info("signed in", "component", "console", "name", s.Name, "from", v.R.RemoteAddr)
	v.SetSession(secret)
	v.Back("/search", "")
}

// signOut ends a session.
func signOut(v *site.View) {
	v.EndSession()
	v.Show(http.StatusOK, "signin", v.T("Sign in"), tokenPage{"", v.Command("console open")})
}

// Questions are what the console answers over the control socket: a token for a person. address is host:port.
func Questions(k *auth.Keeper, address string) question.Table {
	return question.Table{consoling.AskToken: question.Typed(func(_ context.Context, q consoling.TokenRequest) (consoling.Token, error) {
		if q.Name == "" {
			q.Name = UserName()
		}
		token, until, err := k.Mint(q.Name)
		if err != nil {
			return consoling.Token{}, fmt.Errorf("making a token: %w", err)
		}
		return consoling.Token{Name: q.Name, Address: Address(address, token), Until: until}, nil
	})}
}

// Address is where a token signs in. A console that listens everywhere is named by this machine's own address.
func Address(listen, token string) string {
	host, port, err := net.SplitHostPort(listen)
	if err == nil {
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			listen = net.JoinHostPort("127.0.0.1", port)
		}
	}
	return "http://" + listen + "/in/" + token
}

// UserName is the user that weir runs as: whose the first token is.
func UserName() string {
	if u, err := user.Current(); err == nil && auth.CheckName(u.Username) == nil {
		return u.Username
	}
	return strconv.Itoa(os.Getuid())
}
