package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"weir/internal/testkit"
)

// browser is a real Chromium with one page, and what it complained about.
type browser struct {
	t    testing.TB
	ctx  context.Context //nolint:containedctx // chromedp keeps its browser in it
	base string

	mu         sync.Mutex
	complaints []string
	hosts      map[string]bool
}

// void is the answer of what has none.
type void = chromedp.Void

// newBrowser starts a Chromium, or skips where there is none. As root it runs without its sandbox, which it needs then.
func newBrowser(t testing.TB, base string) *browser {
	t.Helper()
	path := os.Getenv("WEIR_CHROMIUM")
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path == "" {
			path, _ = exec.LookPath(name) // the next one may be there
		}
	}
	if path == "" {
		testkit.Skip(t, "chromium", "no Chromium is installed (WEIR_CHROMIUM names one)")
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.WSURLReadTimeout(patience))
	if os.Getuid() == 0 {
		opts = append(opts, chromedp.NoSandbox)
	}
	alloc, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(cancel)
	b := &browser{t: t, base: base, hosts: map[string]bool{}}
	ctx, cancel := chromedp.NewContext(alloc, chromedp.WithListener(b.heard))
	t.Cleanup(cancel)
	b.ctx = ctx
	if _, err := chromedp.Call(ctx, cdplog.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	return b
}

// heard notes what the browser complains about, and whom it asks.
func (b *browser) heard(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch ev := ev.(type) {
	case *runtime.EventConsoleAPICalled:
		for _, a := range ev.Args {
			b.complaints = append(b.complaints, fmt.Sprintf("console.%s: %s", ev.Type, a.Value))
		}
	case *runtime.EventExceptionThrown:
		text := ev.ExceptionDetails.Text
		if ev.ExceptionDetails.Exception != nil {
			text += " " + ev.ExceptionDetails.Exception.Description
		}
		b.complaints = append(b.complaints, "exception: "+text)
	case *cdplog.EventEntryAdded: // refused by the policy, not found, broken off
		b.complaints = append(b.complaints, fmt.Sprintf("%s: %s %s", ev.Entry.Level, ev.Entry.Text, ev.Entry.URL))
	case *network.EventRequestWillBeSent:
		if u := ev.Request.URL; !strings.HasPrefix(u, "data:") && !strings.HasPrefix(u, "about:") && !strings.HasPrefix(u, "chrome") {
			b.hosts[strings.SplitN(u, "/", 4)[2]] = true
		}
	}
}

// quiet fails the test if the browser complained about anything, or asked anybody but the console.
func (b *browser) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.complaints {
		b.t.Errorf("the browser says %s", c)
	}
	b.complaints = nil
	for h := range b.hosts {
		if "http://"+h != b.base {
			b.t.Errorf("a page asked the host %s", h)
		}
	}
}

// do runs steps, each of which has its time.
func (b *browser) do(steps ...chromedp.Action[void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%v\nthe page is %s:\n%s", err, b.where(), b.text("body"))
	}
}

// open goes to a page.
func (b *browser) open(path string) { b.t.Helper(); b.do(chromedp.Navigate(b.base + path)) }

// get evaluates an expression.
func get[T any](b *browser, js string) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js))
	if err != nil {
		b.t.Fatalf("%s: %v", js, err)
	}
	return v
}

func (b *browser) where() string { return get[string](b, "location.pathname + location.search") }

func (b *browser) text(sel string) string {
	return get[string](b, fmt.Sprintf("(document.querySelector(%q) || {innerText: ''}).innerText", sel))
}

// until waits for an expression to be true.
func (b *browser) until(js string) {
	b.t.Helper()
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+js+")"))
		cancel()
		if err == nil && ok {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	b.t.Fatalf("%s did not come true; the page is %s:\n%s", js, b.where(), b.text("main"))
}

// shows opens a page until an expression is true of it, where what it shows may not be stored yet.
func (b *browser) shows(path, js string) {
	b.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		if b.open(path); get[bool](b, "!!("+js+")") {
			return
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("%s did not come true; the page is %s:\n%s", js, b.where(), b.text("main"))
		}
	}
}

// keys types keys where the focus is.
func (b *browser) keys(keys string) {
	b.t.Helper()
	for k := range strings.SplitSeq(keys, "|") {
		b.do(chromedp.KeyEvent(k))
	}
}

// choose sets language and theme, as the buttons of the head do.
func (b *browser) choose(lang, theme string) {
	b.t.Helper()
	for name, value := range map[string]string{"weir_lang": lang, "weir_theme": theme} {
		if _, err := chromedp.Call(b.ctx, network.SetCookie, network.SetCookieParams{Name: name, Value: value, URL: b.base}); err != nil {
			b.t.Fatal(err)
		}
	}
}

// shot keeps a picture of the page.
func (b *browser) shot(name string) {
	b.t.Helper()
	dir := os.Getenv("WEIR_CI_LOGS")
	if dir == "" {
		dir = filepath.Join(os.TempDir(), "weir-console")
	}
	dir = filepath.Join(dir, "screenshots")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// signedIn is a weir that has played the demo, and a browser that is signed in.
func signedIn(t *testing.T) (*weir, *browser) {
	t.Helper()
	w := newWeir(t)
	w.args = []string{"--demo"}
	b := newBrowser(t, "http://"+w.port["CONSOLE_LISTEN"])
	w.start()
	address := strings.TrimSpace(w.run("console", "open", "--name", "ana"))
	if !strings.HasPrefix(address, b.base+"/in/") {
		t.Fatalf("weir console open says %q", address)
	}
	b.do(chromedp.EmulateViewport(1280, 800))
	b.choose("en", "light")
	b.open(strings.TrimPrefix(address, b.base))
	b.shot("sign-in")
	b.do(chromedp.Click("form button.main"))
	b.until(`location.pathname === "/search" && document.querySelector("#result")`)
	return w, b
}

// TestConsole goes through the console in a real Chromium as somebody does who was called because of an alert.
func TestConsole(t *testing.T) {
	w, b := signedIn(t)
	w.waitFor("event.dataset: system.auth and event.outcome: failure", 20)
	t.Run("search", func(t *testing.T) { consoleSearch(t, b) })
	t.Run("live", func(t *testing.T) { consoleLive(t, w, b) })
	t.Run("hostile", func(t *testing.T) { consoleHostile(t, w, b) })
	t.Run("alerts", func(t *testing.T) { consoleAlerts(t, w, b) })
	t.Run("pages", func(t *testing.T) { consolePages(t, b) })
	t.Run("recorded", func(t *testing.T) {
		if len(w.waitFor("event.dataset: weir.audit and user.name: ana", 3)) == 0 {
			t.Error("what ana looked at is not recorded")
		}
	})
	t.Run("signed out", func(t *testing.T) {
		b.open("/sources")
		b.do(chromedp.Click(".me .menu > summary"), chromedp.Click(`form[action="/out"] button`))
		b.until(`document.body.innerText.includes("You are not signed in")`)
	})
}

// consoleSearch asks, narrows by drawing a span, opens an event with the keys and looks why its fields are what they are.
func consoleSearch(t *testing.T, b *browser) {
	b.t = t
	b.open("/search?from=all")
	b.until(`document.documentElement.classList.contains("has-js")`)
	b.keys("/")
	b.until(`document.activeElement.id === "q"`)
	// A browser types no letter whose key was taken; the keys of a test do.
	b.do(chromedp.Evaluate[void](`document.querySelector("#q").value = ""`), chromedp.SendKeys("#q", "event.dataset: system.auth and event.outcome: failure\r"))
	b.until(`location.search.includes("event.outcome") && document.querySelectorAll("#list tr").length > 10`)
	b.shot("search-light")
	before := get[int](b, `document.querySelectorAll("#list tr").length`)
	if h := get[float64](b, `document.querySelector("#list tr").getBoundingClientRect().height`); h > 20.5 {
		t.Errorf("a row is %.1f px high", h)
	}
	// Drag over a part of the histogram: the time is narrowed to it.
	box := get[[]float64](b, `(() => { const r = document.querySelector("#histogram svg").getBoundingClientRect(); return [r.left, r.top, r.width, r.height]; })()`)
	y := box[1] + box[3]/2
	b.do(chromedp.DragAndDropXY(box[0]+box[2]*0.02, y, box[0]+box[2]*0.98, y, 8)) // failures come late in the minute that is played
	b.until(`location.search.includes("from=20") && location.search.includes("to=20") && document.querySelector("#result")`)
	b.until(`document.querySelectorAll("#list tr").length > 0`)
	t.Logf("%d rows before the drag, %d after", before, get[int](b, `document.querySelectorAll("#list tr").length`))
	// The keys: the first row, the next, open it; then its tabs.
	b.keys("j|j|\r")
	b.until(`document.querySelector("#panel .kv") && location.search.includes("id=")`)
	b.do(chromedp.Click(`[data-tab="why"]`))
	b.until(`document.querySelector("#panel .way")`)
	says(t, b.text("#panel"), "source.ip", "bytes", "written by", "shipped/system/auth.yaml")
	b.shot("search-why")
	b.do(chromedp.Click(`[data-tab="raw"]`))
	b.until(`document.querySelector("#panel pre.raw")`)
	says(t, b.text("#panel"), "203.0.113.5", "As it was received", "As it is stored")
	b.keys("\x1b")
	b.until(`!document.querySelector("#panel .panel") && !location.search.includes("id=")`)
	// A mistake keeps the query and points at it.
	b.open("/search?q=" + "user.name%3A%20root%20and%20(source.ip%3A1")
	says(t, b.text("#result"), "kql-syntax", "^")
	b.shot("search-mistake")
	b.mu.Lock()
	b.complaints = nil // the browser says that the answer was 400
	b.mu.Unlock()
	// Completion knows the fields of what is shown.
	b.open("/search?from=all")
	b.until(`document.documentElement.classList.contains("has-js")`)
	b.do(chromedp.SendKeys("#q", "source.i"))
	b.until(`[...document.querySelectorAll("#complete li")].some((li) => li.textContent === "source.ip")`)
	b.do(chromedp.EmulateViewport(1920, 1080))
	b.shows("/search?from=all", `[...document.querySelectorAll("#list tr")].filter((r) => r.getBoundingClientRect().bottom <= innerHeight).length >= 30`)
	b.do(chromedp.EmulateViewport(1280, 800))
	b.quiet()
}

// consoleLive watches events come, and stops with Esc.
func consoleLive(t *testing.T, w *weir, b *browser) {
	b.t = t
	b.open("/search?from=all")
	b.until(`document.documentElement.classList.contains("has-js")`)
	b.keys("l")
	b.until(`location.search.includes("live=1") && document.querySelector("#livestate")`)
	b.open("/search?q=" + "message%3A%20canary-of-the-page&live=1")
	b.until(`document.documentElement.classList.contains("has-js")`)
	sent := 0
	for deadline := time.Now().Add(patience); get[int](b, `document.querySelectorAll("#list tr").length`) == 0; sent++ {
		if time.Now().After(deadline) {
			t.Fatalf("nothing came live: %s", b.text("main"))
		}
		sendTo(t, "udp", w.syslog(), []byte(fmt.Sprintf("<34>1 - web-9 app - - - canary-of-the-page %d", sent)))
		time.Sleep(200 * time.Millisecond)
	}
	// Who has a row in the focus is not moved: what comes waits.
	b.do(chromedp.Evaluate[void](`document.querySelector("#list tr").focus()`))
	rows := get[int](b, `document.querySelectorAll("#list tr").length`)
	for range 3 {
		sendTo(t, "udp", w.syslog(), []byte("<34>1 - web-9 app - - - canary-of-the-page again"))
	}
	b.until(`!document.querySelector("#news").hidden`)
	if n := get[int](b, `document.querySelectorAll("#list tr").length`); n != rows {
		t.Errorf("%d rows became %d below the reader", rows, n)
	}
	b.shot("live")
	b.do(chromedp.Click("#news"))
	b.until(fmt.Sprintf(`document.querySelectorAll("#list tr").length > %d`, rows))
	b.keys("\x1b")
	b.until(`document.querySelector("#livestate").textContent === "stopped"`)
	b.quiet()
}

// consoleHostile sends what attackers write and looks at it.
func consoleHostile(t *testing.T, w *weir, b *browser) {
	b.t = t
	for _, text := range []string{`<script>window.pwned=1</script>`, `<img src=x onerror=window.pwned=1>`, `"><svg onload=window.pwned=1>`, "admin\u202egnp.exe", strings.Repeat("<b>x</b>", 1000)} {
		sendTo(t, "udp", w.syslog(), []byte("<34>1 - web-evil app - - - marked-hostile "+text))
	}
	w.waitFor(`host.name: web-evil`, 5)
	for _, path := range []string{"/search?q=host.name%3A%20web-evil&from=all", "/search?q=host.name%3A%20web-evil&from=all&wrap=1"} {
		b.open(path)
		b.until(`document.querySelectorAll("#list tr").length === 5`)
		for i := range 5 {
			for _, tab := range []string{"fields", "raw", "why"} {
				b.do(chromedp.Evaluate[void](fmt.Sprintf(`document.querySelectorAll("#list tr [data-open]")[%d].click()`, i)))
				b.until(`document.querySelector("#panel .tabs")`)
				b.do(chromedp.Evaluate[void](fmt.Sprintf(`document.querySelector('[data-tab="%s"]').click()`, tab)))
				b.until(fmt.Sprintf(`document.querySelector('[data-tab="%s"][aria-current]')`, tab))
			}
		}
		if get[bool](b, `"pwned" in window || !!document.querySelector("main script, main img, #list svg") || document.body.innerText.includes("\u202e")`) {
			t.Error("what a sender wrote became a part of the page")
		}
	}
	b.shot("hostile")
	b.quiet()
}

// consoleAlerts looks at the alert of the demo, takes it and closes it; who comes second is told.
func consoleAlerts(t *testing.T, w *weir, b *browser) {
	b.t = t
	b.shows("/alerts", `[...document.querySelectorAll(".alerts a")].some((a) => a.innerText.includes("ssh-brute-force"))`)
	b.shot("alerts-list")
	b.do(chromedp.Evaluate[void](`[...document.querySelectorAll(".alerts a")].find((a) => a.innerText.includes("ssh-brute-force")).click()`))
	b.until(`document.querySelector(".detail h1")`)
	says(t, b.text(".detail"), "guessed root's password", "Evidence", "Failed password for root", "Held by")
	b.shot("alert-light")
	id := get[string](b, `document.querySelector(".detail .mono").textContent`)
	b.do(chromedp.Click(`button[value="ack"]`))
	b.until(`document.querySelector(".notice") && document.querySelector(".detail").innerText.includes("acknowledged")`)
	// Somebody else closes it in a terminal, while this page is open: closing it here is refused, and nothing is lost.
	w.run("alerts", "close", id, "--verdict", "benign", "--note", "it was me", "--by", "ben")
	b.do(chromedp.SetValue(`select[name="verdict"]`, "true_positive"), chromedp.SetValue(`.acts input[name="note"]`, "account locked"), chromedp.Click(`button[value="close"]`))
	b.until(`document.querySelector(".fault")`)
	says(t, b.text(".right"), "alert-changed", "ben")
	b.shot("alert-second")
	b.mu.Lock()
	b.complaints = nil // the browser says that the answer was 409
	b.mu.Unlock()
	b.open("/alerts?state=closed")
	b.until(`[...document.querySelectorAll(".alerts a")].some((a) => a.innerText.includes("benign"))`)
	b.shows("/alerts", `document.querySelector(".alerts a")`)
	b.do(chromedp.Evaluate[void](`document.querySelector(".alerts a").click()`))
	b.until(`document.querySelector('button[value="close"]')`)
	b.do(chromedp.SetValue(`select[name="verdict"]`, "false_positive"), chromedp.SetValue(`.acts input[name="note"]`, "the scanner"), chromedp.Click(`button[value="close"]`))
	b.until(`document.querySelector(".notice") && document.querySelector(".detail").innerText.includes("closed as false positive")`)
	says(t, b.text(".comments"), "ana", "the scanner")
	b.do(chromedp.Evaluate[void](`[...document.querySelectorAll(".acts a")].find((a) => a.innerText === "Search around").click()`))
	b.until(`location.pathname === "/search" && document.querySelector("#result")`)
	b.quiet()
}

// consolePages takes a picture of every page, in both themes and languages and at the sizes that people have.
func consolePages(t *testing.T, b *browser) {
	b.t = t
	alert := func() string {
		b.open("/alerts?state=all")
		return get[string](b, `document.querySelector(".alerts a").getAttribute("href")`)
	}()
	b.open("/compliance")
	b.do(chromedp.Click(`form[action="/compliance/verify"] button`))
	b.until(`document.querySelector("#verification").innerText.includes("nothing changed")`)
	event := func() string {
		b.open("/search?from=all&q=event.outcome%3A%20failure")
		return get[string](b, `document.querySelector("#list a").getAttribute("href")`)
	}()
	for _, size := range []struct {
		name          string
		width, height int64
	}{{"1280", 1280, 800}, {"1920", 1920, 1080}, {"390", 390, 844}} {
		b.do(chromedp.EmulateViewport(size.width, size.height))
		for _, look := range [][2]string{{"en", "light"}, {"en", "dark"}, {"ko", "light"}, {"ko", "dark"}} {
			if size.name != "1280" && look[0] == "ko" && look[1] == "dark" {
				continue
			}
			b.choose(look[0], look[1])
			for name, path := range map[string]string{"search": "/search?from=all", "event": event, "alerts": "/alerts?state=all", "alert": alert, "sources": "/sources?count=1", "compliance": "/compliance"} {
				b.open(path)
				b.until(`document.readyState === "complete" && document.querySelector("main h1")`)
				if got := get[string](b, "document.documentElement.lang + ' ' + document.documentElement.dataset.theme"); got != look[0]+" "+look[1] {
					t.Errorf("%s is %s", path, got)
				}
				if over := get[int](b, "document.documentElement.scrollWidth - innerWidth"); over > 0 {
					t.Errorf("%s at %s px is %d px too wide", path, size.name, over)
				}
				b.shot(fmt.Sprintf("%s-%s-%s-%s", name, size.name, look[0], look[1]))
			}
		}
	}
	b.choose("ko", "light")
	b.open("/compliance")
	says(t, b.text("body"), "컴플라이언스", "접속기록 점검", "보존 명령")
	b.choose("en", "light")
	b.do(chromedp.EmulateViewport(1280, 800))
	b.quiet()
}

// TestConsole_closed: without a session a real server says nothing, and the token in the file of the folder signs in once.
func TestConsole_closed(t *testing.T) {
	w := newWeir(t)
	w.start()
	base := "http://" + w.port["CONSOLE_LISTEN"]
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ask := func(method, path string) *http.Response {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res
	}
	for path, want := range map[string]int{"/search": 401, "/alerts": 401, "/": 401, "/healthz": 200, "/readyz": 200, "/metrics": 200, "/in/0000-0000-0000-0000": 401} {
		if res := ask(http.MethodGet, path); res.StatusCode != want { //nolint:bodyclose // ask has closed it
			t.Errorf("%s: %d, want %d", path, res.StatusCode, want)
		}
	}
	file := filepath.Join(w.dir, "console-address")
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the address is in no file of its owner: %v %v", info, err)
	}
	address, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if log := w.log.String(); strings.Contains(log, "/in/") {
		t.Errorf("the log holds the token:\n%s", log)
	}
	path := strings.TrimPrefix(strings.TrimSpace(string(address)), base)
	if res := ask(http.MethodPost, path); res.StatusCode != http.StatusSeeOther || len(res.Cookies()) != 1 { //nolint:bodyclose // ask has closed it
		t.Errorf("signing in: %d %v", res.StatusCode, res.Cookies())
	}
	if res := ask(http.MethodPost, path); res.StatusCode != http.StatusUnauthorized { //nolint:bodyclose // ask has closed it
		t.Errorf("signing in twice: %d", res.StatusCode)
	}
	w.stop()
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file of the token stays: %v", err)
	}
}
