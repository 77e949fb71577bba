package transfer

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"mvm/guest/internal/channel"
	"mvm/guest/internal/channel/channeltest"
	"mvm/guest/internal/protocol"
	"mvm/guest/internal/tree"
)

type object = map[string]any

func open(t *testing.T, fields object) *channeltest.Host {
	t.Helper()
	fields["op"] = "copy"
	return channeltest.Open(t, channeltest.Serve(t, map[string]channel.Opener{"copy": Opener()}), fields)
}

func sent(content string, cut bool) string {
	m := tree.Meta{Mode: 0o600, HasMode: true, Seconds: 1}
	b := tree.AppendFile(nil, m, int64(len(content)), 0, "")
	for at := 0; at < len(content); at += tree.MaxData {
		b = tree.AppendData(b, []byte(content[at:min(len(content), at+tree.MaxData)]))
	}
	if cut {
		return string(b)
	}
	return string(tree.AppendDone(tree.AppendEnd(b)))
}

func TestAFileGoesInAndComesOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	content := string(bytes.Repeat([]byte("0123456789abcdef"), 100_000))
	h := open(t, object{"direction": "write", "path": path, "name": "f"})
	var started startedMessage
	json.Unmarshal(h.Expect(protocol.Started).Payload, &started)
	if started.Path != path || started.Kind != "" {
		t.Errorf("%+v", started)
	}
	h.Input(sent(content, false))
	var result resultMessage
	json.Unmarshal(h.Expect(protocol.Result).Payload, &result)
	if got, err := os.ReadFile(path); err != nil || string(got) != content || result != (resultMessage{1, int64(len(content))}) {
		t.Fatalf("%d bytes, %v, %+v", len(got), err, result)
	}
	h = open(t, object{"direction": "read", "path": path})
	json.Unmarshal(h.Expect(protocol.Started).Payload, &started)
	if started != (startedMessage{path, "file", int64(len(content))}) {
		t.Errorf("%+v", started)
	}
	var out []byte
	for f := h.Frame(); f.Type != protocol.Result; f = h.Frame() {
		if f.Type != protocol.Data || f.Stream != protocol.Stdout {
			t.Fatalf("a frame 0x%02x: %s", f.Type, f.Payload)
		}
		out = append(out, f.Payload...)
	}
	if !bytes.Contains(out, []byte(content[:1000])) || !bytes.HasSuffix(out, tree.AppendDone(tree.AppendEnd(nil))) {
		t.Errorf("%d bytes came", len(out))
	}
}

func TestWhatCannotBeDoneIsAnErrorOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		code   string
		fields object
	}{
		{"unreadable", object{"direction": "read", "path": dir + "/none"}},
		{"is_folder", object{"direction": "read", "path": dir}},
		{"unwritable", object{"direction": "write", "path": dir + "/none/f"}},
		{"bad_request", object{"direction": "sideways", "path": dir}},
		{"bad_request", object{"direction": "read", "path": "a\x00b"}},
		{"bad_request", object{"direction": "write", "path": dir, "name": "../x"}},
		{"bad_request", object{"direction": "write", "path": 7}},
	} {
		open(t, c.fields).Fails(c.code)
	}
}

func TestATreeThatBreaksTheRulesIsRefused(t *testing.T) {
	dir := t.TempDir()
	h := open(t, object{"direction": "write", "path": dir, "name": ""})
	h.Expect(protocol.Started)
	h.Input("no records at all")
	h.Fails("bad_tree")
	h = open(t, object{"direction": "write", "path": dir, "name": "f"})
	h.Expect(protocol.Started)
	h.Input(sent("x", true))
	h.Send(protocol.EOF, 0, nil)
	h.Fails("bad_tree")
	if names, _ := os.ReadDir(dir); len(names) != 0 {
		t.Error(names)
	}
}

func TestAHostThatGoesLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	h := open(t, object{"direction": "write", "path": dir, "name": "f"})
	h.Expect(protocol.Started)
	h.Input(sent("begun", true))
	count := func() int {
		names, _ := os.ReadDir(dir)
		return len(names)
	}
	await(t, func() bool { return count() == 1 })
	h.Conn.Close()
	await(t, func() bool { return count() == 0 })
}

// await has no event to wait for: a folder's entries are looked at again and again.
func await(t *testing.T, ready func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ready(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not come to that")
		}
	}
}
