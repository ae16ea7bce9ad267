package assets

import (
	"math"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func get(s Set, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.URL.Path = path
	s.ServeHTTP(w, r)
	return w
}

func TestServe(t *testing.T) {
	s := Load()
	for name, kind := range types {
		w := get(s, s.Path(name))
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != kind || w.Body.Len() == 0 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
	}
	for _, path := range []string{"/assets/" + s.version + "/assets.go", "/assets/old/console.css", "/assets/" + s.version + "/../../auth/auth.go", "/assets/" + s.version + "/", "/assets/", "/assets//console.css", "/assets/" + s.version + "/x/console.css"} {
		if w := get(s, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

// TestNoOutside: neither style nor script names another host, and the script makes no code of texts.
func TestNoOutside(t *testing.T) {
	s := Load()
	for name, b := range s.content {
		text := strings.ReplaceAll(string(b), "http://www.w3.org/2000/svg", "")
		if regexp.MustCompile(`https?:|//[a-z0-9-]+\.[a-z]|@import|\burl\(`).MatchString(text) {
			t.Errorf("%s names something outside", name)
		}
	}
	if js := string(s.content["console.js"]); regexp.MustCompile(`\beval\(|new Function|document\.write|\.style\b|setAttribute\("style"`).MatchString(js) {
		t.Error("the script does what the policy forbids")
	}
}

// themes reads the colours of the style sheet: light, dark by the system, dark by choice.
func themes(t *testing.T) [3]map[string]string {
	t.Helper()
	css := string(Load().content["console.css"])
	block := regexp.MustCompile(`(?s):root(?:\[data-theme=dark\]|:not\(\[data-theme=light\]\))?\{(.*?)color-scheme:\w+\}`)
	found := block.FindAllStringSubmatch(css, -1)
	if len(found) != 3 {
		t.Fatalf("%d blocks of colours", len(found))
	}
	var out [3]map[string]string
	for i, m := range found {
		out[i] = map[string]string{}
		for _, c := range regexp.MustCompile(`--([a-z-]+):(#[0-9a-f]{6})`).FindAllStringSubmatch(m[1], -1) {
			out[i][c[1]] = c[2]
		}
	}
	return out
}

// TestContrast: text on what it stands on has the contrast of WCAG AA in both themes, and what is drawn and outlined that of
// things that are no text.
func TestContrast(t *testing.T) {
	all := themes(t)
	for i, theme := range all {
		for _, c := range []struct {
			front, back string
			least       float64
		}{
			{"text", "bg", 7}, {"text", "raised", 7}, {"text", "sunk", 7}, {"text", "select", 7}, {"dim", "bg", 4.5}, {"dim", "raised", 4.5}, {"dim", "sunk", 4.5}, {"dim", "select", 4.5},
			{"link", "bg", 4.5}, {"link", "raised", 4.5}, {"link", "select", 4.5}, {"on-main", "main", 4.5}, {"bad", "bg", 4.5}, {"bad", "raised", 4.5}, {"warn", "bg", 4.5}, {"warn", "raised", 4.5},
			{"good", "bg", 4.5}, {"good", "raised", 4.5}, {"bad", "select", 4.5}, {"warn", "select", 4.5}, {"mark-text", "mark", 4.5}, {"bg", "good", 4.5},
			{"bar", "bg", 3}, {"focus", "bg", 3}, {"focus", "raised", 3}, {"strong", "bg", 3},
		} {
			a, b := theme[c.front], theme[c.back]
			if a == "" || b == "" {
				t.Fatalf("theme %d has no colour %s or %s", i, c.front, c.back)
			}
			if got := contrast(a, b); got < c.least {
				t.Errorf("theme %d: %s on %s has %.2f, needs %.1f", i, c.front, c.back, got, c.least)
			}
		}
	}
	for name, c := range all[1] {
		if all[2][name] != c {
			t.Errorf("dark by choice differs in %s", name)
		}
	}
}

// contrast is the ratio of WCAG 2.
func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func luminance(c string) float64 {
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(c[1+2*i:3+2*i], 16, 8)
		if err != nil {
			panic(err)
		}
		v := float64(n) / 255
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		sum += weight * v
	}
	return sum
}
