package query

import (
	"testing"

	"weir/event"
)

// TestDoc holds the package comment to its word: each sentence about a value that can be tested has a case.
func TestDoc(t *testing.T) {
	const korean = `{"message":"관리자 로그인 실패, user:alice","user":{"name":"Kim Min"},"source":{"port":80},"host":{"name":"a and b"}}`
	for _, c := range []struct {
		name, q, doc string
		want         bool
	}{
		{"words go on over blanks", "user.name: Kim Min", korean, true},
		{"up to the next keyword", "user.name: Kim Min and source.port: 80", korean, true},
		{"a keyword is meant as a word", `host.name: a \and b`, korean, true},
		{"a keyword as a word in quotes", `host.name: "a and b"`, korean, true},
		{"in quotes a star is a star", `user.name: "Kim*"`, korean, false},
		{"keywords: upper and lower case differ", "user.name: kim min", korean, false},
		{"text: upper and lower case are alike", "message: ALICE", korean, true},
		{"text: any of the words", "message: nothing 로그인", korean, true},
		{"text in quotes: one after another", `message: "로그인 실패"`, korean, true},
		{"text in quotes: not apart", `message: "관리자 실패"`, korean, false},
		{"a colon always separates", "message: user", korean, true},
		{"80 is 80.0", "source.port: 80.0", korean, true},
		{"80 is the text 80", `source.port: "80"`, korean, true},
		{"80 is 8e1", "source.port: 8e1", korean, true},

		{"of a list any item may match", "user.name: b", `{"user":{"name":["a","b"]}}`, true},
		{"of a list none must differ", "not user.name: b", `{"user":{"name":["a","b"]}}`, false},
		{"absent is false", "user.name: b", `{}`, false},
		{"absent is not: true", "not user.name: b", `{}`, true},
		{"null is as absent", "user.name: *", `{"user":{"name":null}}`, false},
		{"an empty list is as absent", "user.name: *", `{"user":{"name":[]}}`, false},
		{"an empty text is a value", "user.name: *", `{"user":{"name":""}}`, true},
		{"an empty text can be asked for", `user.name: ""`, `{"user":{"name":""}}`, true},
		{"a field below counts as the field", "user: *", `{"user":{"id":"1"}}`, true},

		{"a star in a name: any of them", "source.*: 10.0.0.1", `{"source":{"ip":"10.0.0.1","bytes":7}}`, true},
		{"a star in a name passes over numbers", "source.*: x", `{"source":{"bytes":7}}`, false},
		{"free text looks into keywords", "sshd", `{"process":{"name":"sshd"}}`, true},
		{"free text looks into addresses", "10.0.0.0/8", `{"source":{"ip":"10.1.2.3"}}`, true},
		{"free text looks into open keys", "blue", `{"labels":{"team":"blue"}}`, true},
		{"free text does not look into dates", "2026-11-21", `{"@timestamp":"2026-11-21T00:00:00Z"}`, false},
		{"free text does not look into booleans", "true", `{"dll":{"code_signature":{"exists":true}}}`, false},
		{"free text does not look into the original", "secret", `{"event":{"original":"secret"}}`, false},

		{"open fields: numbers as numbers", "labels.n > 9", `{"labels":{"n":"10"}}`, true},
		{"open fields: else as bytes", "labels.n > b", `{"labels":{"n":"c"}}`, true},
		{"an open field alone is any value below it", "weir.data: x", `{"weir":{"data":{"a":{"b":"x"}}}}`, true},
		{"keywords are ordered by their bytes", "user.name > b", `{"user":{"name":"10"}}`, false},
		{"braces: one object has both", "dns.answers:{type: A and data: b}", `{"dns":{"answers":[{"type":"A","data":"a"},{"type":"B","data":"b"}]}}`, false},
		{"no braces: each may have one", "dns.answers.type: A and dns.answers.data: b", `{"dns":{"answers":[{"type":"A","data":"a"},{"type":"B","data":"b"}]}}`, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			q, err := ParseAt(c.q, noon)
			if err != nil {
				t.Fatal(err)
			}
			if got := q.Match(decode(t, c.doc)); got != c.want {
				t.Errorf("%s on %s: %v", c.q, c.doc, got)
			}
		})
	}
}

// TestDoc_everything: the three ways to ask for all events, and that none of them needs a value.
func TestDoc_everything(t *testing.T) {
	for _, src := range []string{"", "  ", "*", "*:*", "* : *", "(*)"} {
		q, err := Parse(src)
		if err != nil {
			t.Fatal(err)
		}
		if _, all := q.Root().(*All); !all || !q.Match(new(event.Event)) {
			t.Errorf("%q is %T", src, q.Root())
		}
		if len(q.Fields()) > 0 && src != "*:*" && src != "* : *" {
			t.Errorf("%q asks for %v", src, q.Fields())
		}
	}
}
