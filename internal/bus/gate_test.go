package bus

import (
	"encoding/binary"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// versionsFrame is an answer to a request for versions as the broker writes it.
func versionsFrame(version, errorCode int16) []byte {
	resp := kmsg.NewPtrApiVersionsResponse()
	resp.SetVersion(version)
	resp.ErrorCode = errorCode
	for _, k := range []struct{ key, min, max int16 }{{int16(kmsg.Fetch), 4, 17}, {int16(kmsg.SASLHandshake), 1, 1}} {
		row := kmsg.NewApiVersionsResponseApiKey()
		row.ApiKey, row.MinVersion, row.MaxVersion = k.key, k.min, k.max
		resp.ApiKeys = append(resp.ApiKeys, row)
	}
	out := resp.AppendTo(make([]byte, 8))
	binary.BigEndian.PutUint32(out, uint32(len(out)-4))
	binary.BigEndian.PutUint32(out[4:], 7)
	return out
}

func TestWidenVersions(t *testing.T) {
	for version := range int16(5) {
		out := widenVersions(versionsFrame(version, 0), version)
		if got := int(binary.BigEndian.Uint32(out)); got != len(out)-4 || binary.BigEndian.Uint32(out[4:]) != 7 {
			t.Fatalf("version %d: the frame says %d bytes of %d", version, got, len(out)-4)
		}
		resp := kmsg.NewPtrApiVersionsResponse()
		resp.SetVersion(version)
		if err := resp.ReadFrom(out[8:]); err != nil {
			t.Fatalf("version %d: %v", version, err)
		}
		if len(resp.ApiKeys) != 2 || resp.ApiKeys[1].MinVersion != 0 || resp.ApiKeys[1].MaxVersion != 1 || resp.ApiKeys[0].MinVersion != 4 {
			t.Errorf("version %d: %+v", version, resp.ApiKeys)
		}
	}
}

func TestWidenVersions_LeavesRefusalsAlone(t *testing.T) {
	// A broker refuses a version that it does not know in the form of version 0.
	in := versionsFrame(0, 35)
	if out := widenVersions(in, 4); string(out) != string(in) {
		t.Errorf("the refusal became %x", out)
	}
}

func TestGateChecksThePassword(t *testing.T) {
	g := &gate{password: "secret", prefix: "weir."}
	for _, tc := range []struct {
		name, token string
		want        bool
	}{
		{"right", "\x00weir\x00secret", true},
		{"right, with an authorisation", "weir\x00weir\x00secret", true},
		{"wrong password", "\x00weir\x00secre", false},
		{"wrong user", "\x00root\x00secret", false},
		{"no password", "\x00weir\x00", false},
		{"no token", "", false},
		{"a part too many", "\x00weir\x00secret\x00", false},
	} {
		if got := g.check([]byte(tc.token)); got != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}

func TestGatePermits(t *testing.T) {
	g := &gate{prefix: "weir."}
	join := func(group string) kmsg.Request {
		r := kmsg.NewPtrJoinGroupRequest()
		r.Group = group
		return r
	}
	commit := func(group string) kmsg.Request {
		r := kmsg.NewPtrOffsetCommitRequest()
		r.Group = group
		return r
	}
	for _, tc := range []struct {
		name string
		req  kmsg.Request
		want bool
	}{
		{"fetch", kmsg.NewPtrFetchRequest(), true},
		{"metadata", kmsg.NewPtrMetadataRequest(), true},
		{"own group", join("dashboards"), true},
		{"weir's group", join("weir.normalise"), false},
		{"no group", join(""), false},
		{"own group's offsets", commit("dashboards"), true},
		{"weir's offsets", commit("weir.archive"), false},
		{"produce", kmsg.NewPtrProduceRequest(), false},
		{"delete records", kmsg.NewPtrDeleteRecordsRequest(), false},
		{"create topics", kmsg.NewPtrCreateTopicsRequest(), false},
		{"alter configuration", kmsg.NewPtrIncrementalAlterConfigsRequest(), false},
	} {
		if got := g.permits(tc.req); got != tc.want {
			t.Errorf("%s: permitted %v", tc.name, got)
		}
	}
}
