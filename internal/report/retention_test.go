package report

import (
	"slices"
	"strings"
	"testing"

	"weir/internal/report/prose"
	"weir/internal/retention"
)

// TestRetention: the whole report in both languages, as it is read.
func TestRetention(t *testing.T) {
	for _, lang := range []string{"en", "ko"} {
		d := Retention(sampleRetention(), voice(lang), at(1, 0, 0), at(32, 0, 0))
		want := slices.Sorted(slices.Values(Sections("retention")))
		if got := sections(t, d); !slices.Equal(got, want) {
			t.Errorf("sections %v, want %v", got, want)
		}
		golden(t, "retention-"+lang, d)
	}
}

// TestRetention_says: law and its state, gaps, holds, copies and the last verification.
func TestRetention_says(t *testing.T) {
	d := Retention(sampleRetention(), voice("en"), at(1, 0, 0), at(32, 0, 0))
	for _, c := range []struct {
		table string
		row   int
		want  string
	}{
		{"classes", 0, "kr-pipa-access-2y | Access records of systems with much personal data | 2 years | - | 61,204,331 | 5 GiB | 2024-10-30 00:00 | 2026-11-03 08:59"},
		{"law", 0, "kr-pipa-access-2y | Standard of Measures (Notice 2023-6) | 8(1) | 50,000 or more | text read on 2026-11-21 | -"},
		{"law", 1, "pci-10.5.1 | PCI DSS v4 | 10.5.1 | - | warnnever checked against the text | The text was not found.; for days 2024-01-01 ~"},
		{"records", 0, "kr-pipa-access-2y | 2024-11-30 | 2026-11-03 | 412 | warn2 | 0 | kept | monthly"},
		{"records", 2, "standard | - | - | 90 | 0 | bad1 | dropped | -"},
		{"gaps", 0, "kr-pipa-access-2y | 2026-03-04 | 2026-03-05 | 2"},
		{"expiry", 0, "kr-pipa-access-2y | 2026-11-29 00:00 | 0 | 3 | warn1 | 12 | 90,112 | 2026-10-30 03:00"},
		{"holds", 0, "h-1 | warnin force | user.name: admin | 2026-10-01 00:00 ~ | lee.ciso | 수사 협조 2026-113 | until released | 3"},
		{"holds", 1, "h-0 | ended | everything | all of it | lee.ciso | 시험 | 2026-10-05 00:00 | 0"},
		{"holds", 2, "h-2 | released by root, 2026-10-06 00:00: 끝남 | * | all of it | a | " + hostile + " | until released | 0"},
		{"copies", 1, "/mnt/b | badno space left | - | 12 | -"},
		{"systems", 0, "hr | Human resources | 인사팀 | 61,200 | kr-pipa-access-2y | 50,000 data subjects or more, sensitive data"},
		{"unknown", 0, "warnacces | 3 | 1.17 KiB | 2026-10-01 00:00 | 2026-10-02 00:00 | access"},
	} {
		if got := texts(tableOf(t, d, c.table).Rows[c.row]); got != c.want {
			t.Errorf("%s %d:\n%s, want\n%s", c.table, c.row, got, c.want)
		}
	}
	notes := strings.Join(prose.Notes(d), "\n")
	for _, want := range []string{"Nothing is deleted although it is to be: the clock is far from where it was (3 d ahead).", "pci-10.5.1: nobody has checked", "hold h-1 keeps segments beyond their deadline: 1.", "Hold h-1 ends on", "of a newer weir: x"} {
		if !strings.Contains(notes, want) {
			t.Errorf("no note %q in\n%s", want, notes)
		}
	}
}

// TestRetention_warnings: every kind of warning has a sentence in both languages, and none is the other's.
func TestRetention_warnings(t *testing.T) {
	for _, kind := range []string{retention.WarnNeverChecked, retention.WarnCheckedOld, retention.WarnHoldEnds, retention.WarnHoldEnded, retention.WarnBeyond, retention.WarnUnknown, retention.WarnClock, retention.WarnShorter} {
		f := &retention.Facts{Policy: retention.PolicyFacts{Enforce: true}, Warnings: []retention.Warning{{Kind: kind, Class: "c", Day: "2025-01-01", Detail: "d"}}}
		en := prose.Notes(Retention(f, voice("en"), at(1, 0, 0), at(32, 0, 0)))[0]
		ko := prose.Notes(Retention(f, voice("ko"), at(1, 0, 0), at(32, 0, 0)))[0]
		if strings.HasSuffix(en, "d") || en == ko || strings.Contains(en, "%!") || strings.Contains(ko, "%!") {
			t.Errorf("%s: %q and %q", kind, en, ko)
		}
	}
}

// TestRetention_bare: an archive without copies, verification or deletion says so.
func TestRetention_bare(t *testing.T) {
	notes := strings.Join(prose.Notes(Retention(&retention.Facts{}, voice("ko"), at(1, 0, 0), at(32, 0, 0))), "\n")
	for _, want := range []string{"자동 파기가 꺼져 있습니다", "검증을 수행한 적이 없습니다", "백업본이 없습니다", "게시되지 않았습니다"} {
		if !strings.Contains(notes, want) {
			t.Errorf("no %q in\n%s", want, notes)
		}
	}
	bad := sampleRetention()
	bad.Verify.OK, bad.Verify.Findings = false, 2
	if notes := strings.Join(prose.Notes(Retention(bad, voice("en"), at(1, 0, 0), at(32, 0, 0))), "\n"); !strings.Contains(notes, "found 2 deviations") {
		t.Error(notes)
	}
}

// TestKeep: spans of policies in Korean; what is none of ours stays.
func TestKeep(t *testing.T) {
	for in, want := range map[string]string{"1 year": "1년", "2 years": "2년", "12 months": "12개월", "90 days": "90일", "forever": "영구", "": "", "as long as": "as long as", "3 moons": "3 moons"} {
		if got := keep(voice("ko"), in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
		if got := keep(voice("en"), in); got != in {
			t.Errorf("%q: %q", in, got)
		}
	}
}
