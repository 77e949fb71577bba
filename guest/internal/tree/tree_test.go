package tree

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"mvm/guest/internal/protocol"

	"golang.org/x/sys/unix"
)

// records are a tree as a host would send it.
func records(parts ...[]byte) (all []byte) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

var meta755 = Meta{Mode: 0o755, HasMode: true, Seconds: 1700000000, Nanoseconds: 123456789}

func fileRecord(name, content string) []byte {
	b := AppendFile(nil, Meta{Mode: 0o640, HasMode: true, Seconds: 1600000000, Nanoseconds: 7}, int64(len(content)), 0, name)
	if content != "" {
		b = AppendData(b, []byte(content))
	}
	return AppendEnd(b)
}

func folderRecord(name string) []byte { return AppendFolder(nil, meta755, name) }

// write sends records to a new Writer, and returns the failure's code.
func write(t *testing.T, target, name string, sent []byte) string {
	t.Helper()
	path, slash := Absolute(target, "/root")
	w, failure := NewWriter(path, slash, name)
	if failure != nil {
		return failure.Code
	}
	defer w.Close()
	var d Decoder
	var m *Malformed
	err := d.Feed(sent, w)
	switch {
	case errors.As(err, &failure):
		return failure.Code
	case errors.As(err, &m):
		return m.Reason
	case err != nil:
		t.Fatal(err)
	case !d.Done():
		return "cut"
	}
	return ""
}

// listing is what is below a folder, with content, targets and modes.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var lines []string
	filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil {
			t.Fatal(err)
		}
		rel, _ := filepath.Rel(dir, path)
		switch info, _ := e.Info(); {
		case e.Type()&os.ModeSymlink != 0:
			target, _ := os.Readlink(path)
			lines = append(lines, rel+" -> "+target)
		case e.IsDir():
			lines = append(lines, rel+"/")
		default:
			text, _ := os.ReadFile(path)
			lines = append(lines, rel+" "+info.Mode().String()+" "+string(text))
		}
		return nil
	})
	return strings.Join(lines, "\n")
}

func expect(t *testing.T, dir string, lines ...string) {
	t.Helper()
	if got, want := listing(t, dir), strings.Join(append([]string{"./"}, lines...), "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestATreeIsReadAndWrittenAsItIs(t *testing.T) {
	from, to := t.TempDir(), t.TempDir()
	odd := "caf\xe9\xff\n"
	os.MkdirAll(from+"/tree/sub", 0o755)
	os.WriteFile(from+"/tree/"+odd, []byte("bytes"), 0o640)
	os.Symlink("/nowhere", from+"/tree/sub/dangling")
	os.Link(from+"/tree/"+odd, from+"/tree/sub/hard")
	f, _ := os.Create(from + "/tree/sparse")
	f.WriteAt([]byte("x"), 1<<20)
	f.Truncate(64 << 20)
	f.Close()
	unix.Mkfifo(from+"/tree/fifo", 0o600)
	os.Chmod(from+"/tree/sub", 0o500)
	unix.UtimesNanoAt(unix.AT_FDCWD, from+"/tree/sub", []unix.Timespec{{Sec: 5, Nsec: 6}, {Sec: 7, Nsec: 123456789}}, 0)

	r, failure := NewReader(from+"/tree", false, true)
	if failure != nil {
		t.Fatal(failure)
	}
	defer r.Close()
	w, failure := NewWriter(to, false, "copy")
	if failure != nil {
		t.Fatal(failure)
	}
	var d Decoder
	if err := r.Run(protocol.DataChunk, func(p []byte) error { return d.Feed(p, w) }); err != nil || !d.Done() {
		t.Fatal(err)
	}
	w.Close()

	var a, b, sparse, sub unix.Stat_t
	unix.Stat(to+"/copy/"+odd, &a)
	unix.Stat(to+"/copy/sub/hard", &b)
	unix.Stat(to+"/copy/sparse", &sparse)
	unix.Stat(to+"/copy/sub", &sub)
	target, _ := os.Readlink(to + "/copy/sub/dangling")
	if a.Ino != b.Ino || a.Nlink != 2 || a.Mode&0o777 != 0o640 || target != "/nowhere" {
		t.Errorf("links: %d %d %d %o %q", a.Ino, b.Ino, a.Nlink, a.Mode, target)
	}
	if sparse.Size != 64<<20 || sparse.Blocks*512 > 1<<20 {
		t.Errorf("a sparse file of %d bytes takes %d", sparse.Size, sparse.Blocks*512)
	}
	if sub.Mode&0o777 != 0o500 || sub.Mtim != (unix.Timespec{Sec: 7, Nsec: 123456789}) {
		t.Errorf("the folder: %o %v", sub.Mode, sub.Mtim)
	}
	if _, err := os.Lstat(to + "/copy/fifo"); !os.IsNotExist(err) {
		t.Error("a FIFO was made")
	}
}

func TestWhereATreeGoesIsAsRsyncHasIt(t *testing.T) {
	dir := folderRecord("")
	tree := records(dir, fileRecord("f", "x"), AppendEnd(nil), AppendDone(nil))
	file := records(fileRecord("", "x"), AppendDone(nil))
	for _, c := range []struct {
		what, target, name string
		sent               []byte
		code               string
		want               []string
	}{
		{"a folder into one that is there", "there", "n", tree, "", []string{"old -rw-r--r-- o", "there/", "there/n/", "there/n/f -rw-r----- x"}},
		{"a folder into one that is not", "new", "n", tree, "", []string{"new/", "new/n/", "new/n/f -rw-r----- x", "old -rw-r--r-- o", "there/"}},
		{"what is in a folder", "new", "", tree, "", []string{"new/", "new/f -rw-r----- x", "old -rw-r--r-- o", "there/"}},
		{"what is in a folder, into one that is there", "there", "", tree, "", []string{"old -rw-r--r-- o", "there/", "there/f -rw-r----- x"}},
		{"a file as another", "new", "n", file, "", []string{"new -rw-r----- x", "old -rw-r--r-- o", "there/"}},
		{"a file into a folder", "there", "n", file, "", []string{"old -rw-r--r-- o", "there/", "there/n -rw-r----- x"}},
		{"a file into a folder that is not there", "new/", "n", file, "", []string{"new/", "new/n -rw-r----- x", "old -rw-r--r-- o", "there/"}},
		{"a file over one", "old", "n", file, "", []string{"old -rw-r----- x", "there/"}},
		{"a stream over a folder", "there", "", file, "unwritable", nil},
		{"a stream as a folder", "new/", "", file, "unwritable", nil},
		{"a folder over a file", "old", "", tree, "unwritable", nil},
		{"a file into a file", "old/", "n", file, "unwritable", nil},
		{"no folder for it", "a/b", "n", file, "unwritable", nil},
	} {
		to := t.TempDir()
		os.Mkdir(to+"/there", 0o755)
		os.WriteFile(to+"/old", []byte("o"), 0o644)
		if code := write(t, to+"/"+c.target, c.name, c.sent); code != c.code {
			t.Errorf("%s: %q", c.what, code)
		}
		if c.code != "" {
			c.want = []string{"old -rw-r--r-- o", "there/"}
		}
		expect(t, to, c.want...)
	}
}

func TestNoTreeLeavesItsTarget(t *testing.T) {
	outside := t.TempDir()
	leave := func(link string) []byte {
		return records(folderRecord(""), AppendSymlink(nil, meta755, "l", link), folderRecord("l"), fileRecord("f", "x"),
			AppendEnd(nil), AppendEnd(nil), AppendDone(nil))
	}
	for what, sent := range map[string][]byte{
		"through a link of its own": leave(outside),
		"by ..":                     records(folderRecord(""), fileRecord("../f", "x"), AppendEnd(nil), AppendDone(nil)),
		"a file as a link's target": records(folderRecord(""), AppendSymlink(nil, meta755, "f", outside+"/f"), fileRecord("f", "x"), AppendEnd(nil), AppendDone(nil)),
		"through a link that was there": records(folderRecord(""), folderRecord("there"), fileRecord("f", "x"),
			AppendEnd(nil), AppendEnd(nil), AppendDone(nil)),
	} {
		for _, name := range []string{"", "n"} {
			to := t.TempDir()
			os.Symlink(outside, to+"/there")
			os.Mkdir(to+"/n", 0o755)
			os.Symlink(outside, to+"/n/there")
			if code := write(t, to, name, sent); code != "bad_tree" && code != "name" {
				t.Errorf("%s: %q", what, code)
			}
			expect(t, outside)
		}
	}
}

func TestALinkThatWasThereIsReplacedByAFileAndNotFollowed(t *testing.T) {
	outside, to := t.TempDir(), t.TempDir()
	os.Symlink(outside+"/f", to+"/f")
	if code := write(t, to, "", records(folderRecord(""), fileRecord("f", "x"), AppendEnd(nil), AppendDone(nil))); code != "" {
		t.Fatal(code)
	}
	expect(t, outside)
	expect(t, to, "f -rw-r----- x")
}

func TestACutTreeLeavesNothingHalf(t *testing.T) {
	whole := records(folderRecord(""), fileRecord("old", "new"), folderRecord("sub"), fileRecord("f", "x"), AppendEnd(nil),
		fileRecord("z", "z"), AppendEnd(nil), AppendDone(nil))
	for n := range whole {
		to := t.TempDir()
		os.WriteFile(to+"/old", []byte("o"), 0o644)
		if code := write(t, to, "", whole[:n]); code != "cut" {
			t.Fatalf("%d bytes: %q", n, code)
		}
		expect(t, to, "old -rw-r--r-- o")
		if code := write(t, to, "n", whole[:n]); code != "cut" {
			t.Fatalf("%d bytes: %q", n, code)
		}
		expect(t, to, "old -rw-r--r-- o")
	}
}

func TestAReplacedFileKeepsItsOwner(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root gives files away")
	}
	to := t.TempDir()
	os.WriteFile(to+"/f", []byte("o"), 0o600)
	os.Chown(to+"/f", 65534, 12)
	if code := write(t, to+"/f", "", records(AppendFile(nil, Meta{}, 0, 0, ""), AppendEnd(nil), AppendDone(nil))); code != "" {
		t.Fatal(code)
	}
	var st unix.Stat_t
	unix.Stat(to+"/f", &st)
	if st.Uid != 65534 || st.Gid != 12 || st.Mode&0o777 != 0o600 || st.Size != 0 {
		t.Errorf("%d:%d %o %d bytes", st.Uid, st.Gid, st.Mode, st.Size)
	}
}

func TestWhatIsNoFileIsNotReplaced(t *testing.T) {
	to := t.TempDir()
	unix.Mkfifo(to+"/fifo", 0o600)
	sent := records(fileRecord("", "x"), AppendDone(nil))
	if code := write(t, to+"/fifo", "n", sent); code != "unwritable" {
		t.Error(code)
	}
	if code := write(t, to, "fifo", sent); code != "unwritable" {
		t.Error(code)
	}
	if code := write(t, "/dev/null", "n", sent); code != "unwritable" {
		t.Error(code)
	}
}

func TestWhatAnEarlierBootLeftIsRemoved(t *testing.T) {
	to := t.TempDir()
	os.MkdirAll(to+"/"+temporaryPrefix+"0badb007-3/sub", 0o700)
	live := temporaryName()
	os.WriteFile(to+"/"+live, nil, 0o600)
	os.WriteFile(to+"/"+temporaryPrefix+"notes", nil, 0o600)
	if code := write(t, to, "f", records(fileRecord("", "x"), AppendDone(nil))); code != "" {
		t.Fatal(code)
	}
	expect(t, to, live+" -rw------- ", temporaryPrefix+"notes -rw------- ", "f -rw-r----- x")
}

func TestAFullDiskIsNamed(t *testing.T) {
	to := t.TempDir()
	if err := unix.Mount("tmpfs", to, "tmpfs", 0, "size=64k"); err != nil {
		t.Skip("only root mounts")
	}
	defer unix.Unmount(to, unix.MNT_DETACH)
	sent := records(fileRecord("", strings.Repeat("x", 200_000)), AppendDone(nil))
	if code := write(t, to, "f", sent); code != "full" {
		t.Fatal(code)
	}
	expect(t, to)
}

func TestManyFilesIntoAFolderThatIsThereGetTheirNames(t *testing.T) {
	to := t.TempDir()
	sent := folderRecord("")
	for i := range 3 * mostChanges {
		sent = append(sent, fileRecord("f"+string(rune('a'+i%26))+strings.Repeat("x", i/26), "x")...)
	}
	os.Mkdir(to+"/sub", 0o755)
	sent = records(sent, folderRecord("sub"), fileRecord("f", "x"), AppendEnd(nil), AppendEnd(nil), AppendDone(nil))
	if code := write(t, to, "", sent); code != "" {
		t.Fatal(code)
	}
	if n := strings.Count(listing(t, to), "\n"); n != 3*mostChanges+2 || strings.Contains(listing(t, to), temporaryPrefix) {
		t.Errorf("%d entries", n)
	}
}

func TestWhatCannotBeReadIsTold(t *testing.T) {
	from := t.TempDir()
	os.Mkdir(from+"/d", 0o755)
	os.WriteFile(from+"/f", nil, 0o644)
	unix.Mkfifo(from+"/fifo", 0o600)
	os.Symlink("d", from+"/l")
	for _, c := range []struct {
		path  string
		slash bool
		deep  bool
		code  string
		kind  string
	}{
		{"d", false, false, "is_folder", ""},
		{"d", false, true, "", "folder"},
		{"f", true, true, "unreadable", ""},
		{"f", false, false, "", "file"},
		{"fifo", false, false, "unreadable", ""},
		{"none", false, true, "unreadable", ""},
		{"l", false, false, "is_folder", ""},
		{"l", false, true, "", "link"},
		{"l", true, true, "", "folder"},
	} {
		r, failure := NewReader(from+"/"+c.path, c.slash, c.deep)
		code, kind := "", ""
		if failure != nil {
			code = failure.Code
		} else {
			_, kind = r.Place()
			r.Close()
		}
		if code != c.code || kind != c.kind {
			t.Errorf("%+v: %q %q", c, code, kind)
		}
	}
}
