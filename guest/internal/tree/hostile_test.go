package tree

import (
	"flag"
	"math/rand"
	"os"
	"testing"

	"mvm/guest/internal/protocol"
)

var trees = flag.Int("trees", 5_000, "random trees of a hostile host")

// TestHostileBytesStayInTheTarget writes random and mutated records into a folder, beside one that must stay as it is.
func TestHostileBytesStayInTheTarget(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	outside := t.TempDir()
	os.WriteFile(outside+"/kept", []byte("k"), 0o600)
	names := []string{"a", "b", "..", ".", "", "a/b", "../kept", "/etc/x", "l", "\xff", "a\x00"}
	pick := func() string { return names[random.Intn(len(names))] }
	good, whole := 0, 0
	for range *trees {
		sent := folderRecord("")
		open := 1
		for range random.Intn(12) {
			switch name := pick(); random.Intn(9) {
			case 0, 1:
				sent = append(sent, fileRecord(name, "x")...)
			case 2, 3:
				sent = append(sent, folderRecord(name)...)
				open++
			case 4:
				sent = AppendSymlink(sent, meta755, name, []string{outside, outside + "/kept", "..", "../.."}[random.Intn(4)])
			case 5:
				sent = AppendLink(sent, uint32(random.Intn(3)), name)
			case 6:
				sent = AppendFile(sent, meta755, 1, uint32(1+random.Intn(9)), name)
				sent = AppendEnd(AppendHole(sent, int64(random.Intn(9000))))
			case 7:
				sent = AppendSkipped(sent, 'p', name)
			default:
				sent = AppendEnd(sent)
				open--
			}
		}
		for range max(open, 0) {
			sent = AppendEnd(sent)
		}
		sent = AppendDone(sent)
		for range random.Intn(3) {
			sent[random.Intn(len(sent))] = byte(random.Int())
		}
		to := inMemory(t)
		os.Symlink(outside, to+"/l")
		os.Mkdir(to+"/b", 0o755)
		w, failure := NewWriter(to, false, []string{"", "b", "new"}[random.Intn(3)])
		if failure != nil {
			t.Fatal(failure)
		}
		var d Decoder
		var err error
		for at := 0; at < len(sent) && err == nil; {
			n := min(1+random.Intn(40), len(sent)-at)
			err = d.Feed(sent[at:at+n], w)
			at += n
		}
		if err == nil && d.Done() {
			whole++
		}
		w.Close()
		good++
		os.RemoveAll(to)
	}
	t.Logf("%d trees, %d of them complete", good, whole)
	if whole == 0 || whole == good {
		t.Error("the trees are all alike")
	}
	expect(t, outside, "kept -rw------- k")
}

func TestRandomBytesEndTheReading(t *testing.T) {
	random := rand.New(rand.NewSource(2))
	b := make([]byte, protocol.DataChunk)
	for range *trees {
		n := 1 + random.Intn(300)
		random.Read(b[:n])
		b[0] = byte(random.Intn(11))
		s := spoken{}
		_ = s.read(b[:n], 1+random.Intn(n))
	}
}

// inMemory is a folder that is not on a disk, where there is such a place: thousands of trees are waited for.
func inMemory(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "mvm-tree-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
