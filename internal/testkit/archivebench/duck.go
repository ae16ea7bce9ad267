package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
)

// duck is DuckDB in a program of its own, which makes the same events itself: this module depends on neither.
type duck struct {
	program, module, data string
	n                     int
	files                 string // weir's segments, as the program's query wants them
}

// duckRounds is how many rounds DuckDB is asked in; each asks everything three times.
const duckRounds = 3

func newDuck(ctx context.Context, s settings, archive string) (*duck, error) {
	program, err := build(ctx, s.generator, "duck", s.dir)
	if err != nil {
		return nil, err
	}
	d := &duck{program: program, module: s.generator, data: filepath.Join(s.dir, "duck"), n: s.n}
	d.files, err = ourFiles(filepath.Join(s.dir, "empty.parquet"), filepath.Join(archive, "class=*", "day=*", "*.parquet"))
	return d, err
}

// ourFiles returns what stands for weir's segments in the query of cmd/duck, between read_parquet(' and '). That query
// takes columns of these names; weir keeps the original without the message at its end. So an empty file has the
// columns, and the segments are united with it, which costs DuckDB nothing.
func ourFiles(empty, segments string) (string, error) {
	text := parquet.Optional(parquet.String())
	f, err := os.Create(empty)
	if err != nil {
		return "", fmt.Errorf("writing an empty file: %w", err)
	}
	defer f.Close()
	w := parquet.NewWriter(f, parquet.NewSchema("event", parquet.Group{"@timestamp": parquet.Optional(parquet.Timestamp(parquet.Nanosecond)),
		"message": text, "source.ip": text, "user.name": text, "event.outcome": text, "event.original": text, "rest": text}))
	if err := w.Close(); err != nil {
		return "", fmt.Errorf("writing an empty file: %w", err)
	}
	return empty + `') UNION ALL SELECT "@timestamp", message, "source.ip", "user.name", "event.outcome", "weir.original_head" || message, "weir.rest" FROM read_parquet('` +
		segments + `', union_by_name=true) WHERE contains('', '`, nil
}

// run runs the program in one of its modes and returns what it writes.
func (d *duck) run(ctx context.Context, mode string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, d.program, "-n", strconv.Itoa(d.n), "-m", mode, "-d", d.data)
	cmd.Dir, cmd.Env, cmd.Stderr = d.module, append(os.Environ(), "PARQUET="+d.files), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("running DuckDB: %w", err)
	}
	return out, nil
}

// duckIngest is the line about what filling it cost.
var duckIngest = regexp.MustCompile(`INGEST .* n=(\d+) wall=([\d.]+)s .* cpu=([\d.]+)s .* disk=([\d.]+)MB .* hwm=(\d+)MB`)

// ingest fills DuckDB: a table, from which each day goes into a Parquet file.
func (d *duck) ingest(ctx context.Context) (*ingested, error) {
	out, err := d.run(ctx, "ingest")
	if err != nil {
		return nil, err
	}
	m := duckIngest.FindSubmatch(out)
	if m == nil {
		return nil, fmt.Errorf("DuckDB's program does not say what it took: %.200s", out)
	}
	f := make([]float64, len(m))
	for i := range m {
		f[i], _ = strconv.ParseFloat(string(m[i]), 64) // the pattern has digits alone
	}
	return &ingested{n: int(f[1]), spent: spent{wall: seconds(f[2]), cpu: seconds(f[3])}, bytes: int64(f[4] * 1e6), rss: int64(f[5]) << 20}, nil
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// ask asks DuckDB over its own files, and over weir's.
func (d *duck) ask(ctx context.Context, answers [][2]asked) error {
	for _, mode := range []string{"q", "qpq"} {
		out, err := d.run(ctx, mode)
		if err != nil {
			return err
		}
		if err := addDuck(out, answers, mode == "qpq"); err != nil {
			return err
		}
	}
	return nil
}

// duckQuery is the line about one query, of which the median time and the mean CPU time are told.
var duckQuery = regexp.MustCompile(`^Q (day|all) (.*?) +med= *([\d.]+) ms .*cpu= *([\d.]+) ms +-> (.*)$`)

// addDuck adds what DuckDB's program writes to the answers.
func addDuck(out []byte, answers [][2]asked, open bool) error {
	for sc := bufio.NewScanner(bytes.NewReader(out)); sc.Scan(); {
		m := duckQuery.FindStringSubmatch(sc.Text())
		if m == nil {
			continue
		}
		i := slices.IndexFunc(questions, func(q question) bool { return q.duck == m[2] })
		if i < 0 {
			continue
		}
		if !strings.Contains(m[5], " rows") {
			return fmt.Errorf("DuckDB cannot answer %s: %s", m[2], m[5])
		}
		wall, _ := strconv.ParseFloat(m[3], 64) // the pattern has digits alone
		cpu, _ := strconv.ParseFloat(m[4], 64)
		a := &answers[i][0]
		if m[1] == "all" {
			a = &answers[i][1]
		}
		to := &a.duck
		if open {
			to = &a.open
		}
		to.asked = true
		to.took = append(to.took, spent{wall: seconds(wall / 1e3), cpu: seconds(cpu / 1e3)})
	}
	return nil
}
