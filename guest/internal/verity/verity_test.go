package verity

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"mvm/guest/internal/config"
)

var good = config.Verity{
	Device: "/dev/vdb", RootHash: strings.Repeat("ab", 32), Salt: strings.Repeat("cd", 32), DataBlocks: 9,
}

func TestTheTargetsLineIsWhatTheKernelReads(t *testing.T) {
	line, err := parameters("/dev/vda", &good)
	want := "1 /dev/vda /dev/vdb 4096 4096 9 1 sha256 " + good.RootHash + " " + good.Salt
	if err != nil || line != want {
		t.Fatalf("%q, %v", line, err)
	}
}

func TestAHashThatCouldCarryOtherWordsIsRefused(t *testing.T) {
	for what, change := range map[string]func(*config.Verity){
		"root hash": func(v *config.Verity) { v.RootHash = v.RootHash[:60] + " 1 x" },
		"salt":      func(v *config.Verity) { v.Salt = "-" },
		"0 blocks":  func(v *config.Verity) { v.DataBlocks = 0 },
		"blocks":    func(v *config.Verity) { v.DataBlocks = 1 << 60 },
	} {
		v := good
		change(&v)
		if _, err := parameters("/dev/vda", &v); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestARequestHasTheLayoutOfTheKernel(t *testing.T) {
	r := newRequest("mvm-root", flagReadOnly)
	if err := r.target("verity", 72, "1 2 3"); err != nil {
		t.Fatal(err)
	}
	b := r.bytes
	if string(b[48:56]) != "mvm-root" || b[56] != 0 || string(b[336:342]) != "verity" || string(b[352:358]) != "1 2 3\x00" {
		t.Errorf("%q", b[:360])
	}
	if n := binary.NativeEndian.Uint64(b[320:]); n != 72 {
		t.Errorf("%d sectors", n)
	}
	if number := loadTable.number(); number != 0xc138fd09 {
		t.Errorf("%x", number)
	}
	if r.target("verity", 1, strings.Repeat("x", bufferSize)) == nil {
		t.Error("parameters beyond the buffer were taken")
	}
}

func TestDamageNamesVerityTheFileAndTheBlock(t *testing.T) {
	for value, want := range map[string][]string{
		"0,17": {"verity", "block 17 ", "rootfs.erofs", "byte 69632 "},
		"1,2":  {"verity", "block 2 ", "rootfs.verity", "byte 8192 "},
		"0,no": {"verity", "rootfs.erofs"},
	} {
		w := &Watch{found: make(chan struct{})}
		w.heard(value)
		w.heard("0,99")
		<-w.Found()
		for _, part := range want {
			if text := w.First().Error(); !strings.Contains(text, part) {
				t.Errorf("%s: %q lacks %q", value, text, part)
			}
		}
	}
}

func TestAnErrorWithoutDamageStaysAsItIs(t *testing.T) {
	w := &Watch{found: make(chan struct{})}
	w.heard("") // events were lost before there was a device
	if err := errors.New("no shell"); w.Explain(err) != err || w.First() != nil {
		t.Fatal("damage without a device")
	}
}

func TestTheLastWordOfTheLogIsTheReason(t *testing.T) {
	log := []byte("<6>[ 1.0] device-mapper: ioctl: up\n<3>[ 2.0] device-mapper: table: 254:0: verity: Invalid\n<6>[ 3.0] x\n")
	if got := lastLine(log, "device-mapper: "); got != "table: 254:0: verity: Invalid" {
		t.Fatalf("%q", got)
	}
}
