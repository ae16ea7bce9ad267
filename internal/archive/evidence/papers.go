package evidence

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/internal/archive/logkey"
	"weir/internal/report/doc"
	"weir/internal/report/html"
	"weir/internal/term"
)

// The texts are for people who have never heard of weir, Merkle trees or ECS: judges, lawyers, their experts. What matters
// stands first, in short sentences; what an expert needs stands last.

// readmeEn is README.txt. Its verbs are: events, query, made, by, reason, segments, fingerprint, leaves,
// what is said of the list of files.
const readmeEn = `WHAT THIS IS

This package holds %[1]s log records of computer systems, copied out of a log archive on %[3]s
by %[4]s, for this reason: %[5]s

The records were chosen by this search:  %[2]s
They are in the file events.ndjson, one record a line. report.en.html says more: open it in a browser.


WHAT IT PROVES

A log archive of weir writes records into sealed files and never changes them. The fingerprint (SHA-256) of each sealed
file is entered into a register, in which nothing can be changed, removed or put in between without its seal breaking. The
state of the register is signed and is given to others each day.

This package has the %[6]d sealed files that hold the records, whole; the list of all sealed files; and the signed state of
the register at %[8]d entries. So it can be checked, without asking us and without our software, that
 - the sealed files are exactly those that were entered into the register, and when;
 - no entry of the register was changed, removed or put in between up to the signed state;
 - events.ndjson has exactly the records that the sealed files have for the search (this takes weir).

It does not prove that the records were true when they reached the archive: a system that is broken into can report false
things. And whoever held the signing key could have signed another register: compare the signed state with the ones that
were given to others at the time (daily checkpoints by file, mail or time stamp).


HOW TO CHECK IT

You need the public key of the register. Its fingerprint is %[7]s. Ask the owner of the archive for it, or take it from a
checkpoint that you were given at the time. The copy in this package (archive/log/log.pub) is for convenience only.
%[9]s

With Python 3.8 or newer and nothing else, in the folder of the unpacked zip:

    python3 verify.py . --key archive/log/log.pub

With weir, on the zip as it is:

    weir archive verify PACKAGE.zip --key log.pub

Both print what was changed, if anything was, by name. By hand: sha256sum of any file is in package.json; the fingerprint of
each sealed file is in archive/manifest.jsonl; proofs.json has the path from each of them to the signed root, as RFC 6962
(2.1.1) describes it.

Write the SHA-256 of package.json down where the package is handed over: with it nobody can exchange the package later.
`

// readmeKo is README.ko.txt, with the same verbs.
const readmeKo = `이 자료에 대하여

이 묶음에는 전산시스템의 로그 기록 %[1]s건이 들어 있습니다. %[3]s에 %[4]s 사용자가 로그 보관소에서 추출하였으며,
추출 사유는 다음과 같습니다: %[5]s

검색 조건:  %[2]s
기록은 events.ndjson 파일에 한 줄에 한 건씩 들어 있습니다. 자세한 내용은 report.ko.html을 브라우저로 열어 보시기 바랍니다.


무엇을 증명하는가

weir 로그 보관소는 기록을 봉인된 파일에 담고, 그 뒤에는 내용을 바꾸지 않습니다. 봉인된 파일마다 고유한 지문(SHA-256)이
등록부에 차례로 기재되며, 등록부의 항목을 하나라도 바꾸거나 빼거나 중간에 끼워 넣으면 봉인이 깨집니다. 등록부의 상태는
전자서명되어 매일 외부에 전달됩니다.

이 묶음에는 해당 기록이 담긴 봉인 파일 %[6]d개의 전체, 모든 봉인 파일의 목록, 그리고 항목 %[8]d개 시점의 서명된 등록부
상태가 들어 있습니다. 따라서 당사나 당사 소프트웨어에 의존하지 않고 다음을 확인할 수 있습니다.
 - 봉인 파일이 등록부에 기재된 바로 그 파일이라는 점과 기재된 시점
 - 서명된 시점까지 등록부의 어떤 항목도 변경·삭제·삽입되지 않았다는 점
 - events.ndjson이 봉인 파일에서 위 검색 조건에 해당하는 기록과 정확히 같다는 점 (이 항목은 weir로 확인)

다만 기록이 보관소에 도착하기 전에 이미 사실과 달랐는지는 증명하지 못합니다. 침해된 시스템은 거짓 기록을 보낼 수 있습니다.
또한 서명키를 가진 사람은 다른 등록부에 서명할 수 있으므로, 당시 외부에 전달된 서명(매일의 체크포인트 파일·메일·시점확인
토큰)과 비교하시기 바랍니다.


확인 방법

등록부의 공개키가 필요합니다. 공개키의 지문은 %[7]s입니다. 보관소 관리자에게 직접 받거나, 당시 전달받은 체크포인트로
확인하십시오. 이 묶음 안의 사본(archive/log/log.pub)은 편의를 위한 것입니다.
%[9]s

압축을 푼 폴더에서 Python 3.8 이상만으로:

    python3 verify.py . --key archive/log/log.pub

weir로, 압축 파일 그대로:

    weir archive verify 묶음.zip --key log.pub

변경된 것이 있으면 두 프로그램 모두 그 이름을 알려 줍니다. 손으로 확인하려면: 각 파일의 sha256sum은 package.json에, 봉인
파일의 지문은 archive/manifest.jsonl에 있고, proofs.json에는 각 파일에서 서명된 루트까지의 경로가 RFC 6962(2.1.1) 형식으로
들어 있습니다.

자료를 넘겨받을 때 package.json의 SHA-256을 따로 적어 두십시오. 그러면 나중에 묶음이 바꿔치기되지 않았음을 확인할 수 있습니다.
`

// everything is what an empty query says, by language.
var everything = map[string]string{"en": "(every record)", "ko": "(모든 기록)"}

// readmes are the texts by file.
func (x *exporter) readmes() map[string]string {
	out := map[string]string{}
	for name, r := range map[string]struct{ lang, text string }{"README.txt": {"en", readmeEn}, "README.ko.txt": {"ko", readmeKo}} {
		text := fmt.Sprintf(r.text, term.Count(x.pkg.Events), x.asked(r.lang), x.pkg.Made.In(x.o.Zone).Format("2006-01-02 15:04:05 -07:00"), term.Escape(x.pkg.By), term.Escape(x.pkg.Reason),
			len(x.pkg.Segments), x.fingerprint(r.lang), x.pkg.Log.Size, x.listing(r.lang))
		if x.cp == nil {
			text += map[string]string{
				"en": "\nNOTE: the archive has no register (transparency log) yet, so nothing here is signed.\n",
				"ko": "\n참고: 이 보관소에는 아직 등록부(투명성 로그)가 없어, 이 묶음에는 서명된 내용이 없습니다.\n"}[r.lang]
		}
		out[name] = text
	}
	return out
}

// asked is the query and its time in words.
func (x *exporter) asked(lang string) string {
	text := term.Escape(x.pkg.Query)
	if text == "" {
		text = everything[lang]
	}
	from, to := clock(x.pkg.From, x.o.Zone), clock(x.pkg.To, x.o.Zone)
	if from == "" && to == "" {
		return text
	}
	return text + "   " + strings.TrimSpace(from+" ~ "+to)
}

// clock writes a time; "" for none.
func clock(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04:05 -07:00")
}

// listing says whether the list of files is signed. Without a log there is no key, and then nothing is.
func (x *exporter) listing(lang string) string {
	state := "signed"
	switch {
	case x.cp == nil:
		state = "keyless"
	case x.pkg.Unsigned != "":
		state = "unsigned"
	}
	return map[string]string{
		"en signed": "package.json names every file of this package with its fingerprint. package.sig is the signature of that list by\nthe same key; both programs below check it.",
		"en unsigned": "package.json names every file of this package with its fingerprint. That list itself is not signed: the signing key\n" +
			"was not at hand. What is in archive/ is.",
		"en keyless": "package.json names every file of this package with its fingerprint. Neither that list nor what is in archive/ is signed:\n" +
			"the archive has no register, and so no key.",
		"ko signed":   "package.json에는 이 묶음의 모든 파일과 그 지문이 적혀 있고, package.sig는 그 목록을 같은 키로 서명한 것입니다.\n아래의 두 프로그램이 이 서명을 확인합니다.",
		"ko unsigned": "package.json에는 이 묶음의 모든 파일과 그 지문이 적혀 있습니다. 추출할 때 서명키가 없어 이 목록 자체는 서명되지\n않았으며, archive/ 안의 내용은 서명되어 있습니다.",
		"ko keyless":  "package.json에는 이 묶음의 모든 파일과 그 지문이 적혀 있습니다. 이 보관소에는 등록부가 없어 서명키도 없으므로, 이 목록과\narchive/ 안의 내용 모두 서명되지 않았습니다."}[lang+" "+state]
}

// fingerprint is the key's, in words.
func (x *exporter) fingerprint(lang string) string {
	if x.own == "" {
		return map[string]string{"en": "(none: the archive has no log)", "ko": "(없음: 등록부가 없는 보관소)"}[lang]
	}
	return logkey.Fingerprint(x.own) + " (" + x.pkg.Log.Origin + ")"
}

// words are those of the report by language.
var words = map[string]map[string]string{
	"en": {"title": "Evidence from the log archive", "query": "Search", "by": "Made by", "host": "On", "made": "Made", "reason": "Reason", "events": "Records", "span": "Times of the records",
		"searched": "Sealed files searched", "held": "Sealed files with such records", "log": "Register", "root": "Signed root", "key": "Key", "classes": "Records by class", "class": "Class",
		"segments": "Sealed files in this package", "file": "File", "day": "Day", "leaf": "Entry", "sha": "SHA-256", "all": "All of the file", "hits": "Records", "leaves": "entries",
		"note":     "Each sealed file is in the package whole: it also holds records that the search did not find. Hand it on with the care that those need.",
		"unlogged": "The newest of these files were not in the signed register yet when the package was made.", "nolog": "The archive has no register (transparency log): nothing here is signed.",
		"check": "How to check it", "how": "README.txt says how to check this package with a program of one page (verify.py) or with weir archive verify.", "none": "none",
		"footer": "Write down the SHA-256 of package.json where this package is handed over."},
	"ko": {"title": "로그 보관소 증거자료", "query": "검색 조건", "by": "추출자", "host": "추출 시스템", "made": "추출 일시", "reason": "추출 사유", "events": "기록 건수", "span": "기록의 시간 범위",
		"searched": "검색한 봉인 파일", "held": "해당 기록이 있는 봉인 파일", "log": "등록부", "root": "서명된 루트", "key": "공개키", "classes": "보존 등급별 기록 건수", "class": "등급",
		"segments": "이 묶음에 포함된 봉인 파일", "file": "파일", "day": "일자", "leaf": "등록 번호", "sha": "SHA-256", "all": "파일 전체 건수", "hits": "해당 건수", "leaves": "개 항목",
		"note":     "봉인 파일은 전체가 포함되므로 검색 조건에 해당하지 않는 기록도 함께 들어 있습니다. 개인정보 등 취급에 주의하여 전달하십시오.",
		"unlogged": "가장 최근 파일 일부는 추출 시점에 아직 서명된 등록부에 기재되지 않았습니다.", "nolog": "이 보관소에는 등록부(투명성 로그)가 없어 서명된 내용이 없습니다.",
		"check": "확인 방법", "how": "README.ko.txt에 verify.py 또는 weir archive verify로 확인하는 방법이 적혀 있습니다.", "none": "없음",
		"footer": "자료를 인계할 때 package.json의 SHA-256을 따로 기록해 두십시오."},
}

// report is the page that says what the package is.
func (x *exporter) report(lang string) ([]byte, error) {
	w := words[lang]
	d := &doc.Document{Kind: "evidence", Lang: lang, Title: w["title"], Period: x.asked(lang), Created: x.pkg.Made.In(x.o.Zone), Footer: w["footer"], Facts: x.pkg}
	pair := func(name, value string) {
		if value != "" {
			d.Meta = append(d.Meta, doc.Pair{Name: w[name], Value: value})
		}
	}
	pair("query", x.asked(lang))
	pair("reason", x.pkg.Reason)
	pair("by", x.pkg.By)
	pair("host", x.pkg.Host)
	pair("made", clock(x.pkg.Made, x.o.Zone))
	pair("events", term.Count(x.pkg.Events))
	if !x.pkg.First.IsZero() {
		pair("span", clock(x.pkg.First, x.o.Zone)+" ~ "+clock(x.pkg.Last, x.o.Zone))
	}
	pair("searched", term.Count(int64(x.pkg.Searched)))
	pair("held", term.Count(int64(len(x.segs))))
	notes := []string{w["note"]}
	if x.cp == nil {
		notes = append(notes, w["nolog"])
	} else {
		pair("log", x.pkg.Log.Origin+", "+term.Count(x.pkg.Log.Size)+" "+w["leaves"])
		pair("root", x.pkg.Log.Root)
		pair("key", x.fingerprint(lang))
		if slices.ContainsFunc(x.segs, func(s *sealed) bool { return s.leaf >= x.cp.Size }) {
			notes = append(notes, w["unlogged"])
		}
	}
	classes := &doc.Table{Name: "classes", Columns: []doc.Column{{Head: w["class"]}, {Head: w["hits"], Right: true}}, Empty: w["none"]}
	for _, c := range slices.Sorted(maps.Keys(x.pkg.Classes)) {
		classes.Rows = append(classes.Rows, []doc.Cell{{Text: c}, {Text: term.Count(x.pkg.Classes[c])}})
	}
	files := &doc.Table{Name: "segments", Empty: w["none"], Columns: []doc.Column{{Head: w["file"]}, {Head: w["leaf"], Right: true}, {Head: w["hits"], Right: true}, {Head: w["all"], Right: true}, {Head: w["sha"]}}}
	for _, s := range x.segs {
		files.Rows = append(files.Rows, []doc.Cell{{Text: s.Path}, {Text: strconv.FormatInt(s.leaf, 10)}, {Text: term.Count(s.hits)}, {Text: term.Count(int64(s.Rows))}, {Text: s.SHA256}})
	}
	d.Blocks = []doc.Block{{Heading: w["classes"], Level: 1, Table: classes}, {Heading: w["segments"], Level: 1, Notes: notes, Table: files}, {Heading: w["check"], Level: 1, Text: []string{w["how"]}}}
	var b bytes.Buffer
	if err := html.Write(&b, d); err != nil {
		return nil, fmt.Errorf("writing the report: %w", err)
	}
	return b.Bytes(), nil
}
