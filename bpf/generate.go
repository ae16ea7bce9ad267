//go:build bpf

package bpf

// go generate -tags bpf ./bpf
//
// The tag keeps it out of `go generate ./...`: it needs clang, llvm-strip and the headers of libbpf, and another version
// of clang makes other bytes. What it makes is kept with the source (clang 14), so that a build needs none of them.
//go:generate go run github.com/cilium/ebpf/cmd/bpf2go@v0.22.0 -tags linux -target amd64,arm64 -type event -type proc -type tally -type task_order tcp tcp.bpf.c -- -O2 -Wall -Werror
