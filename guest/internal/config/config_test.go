package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const good = `{"schema":1,"name":"demo","hostname":"demo","key":"KEY","clockUnixMs":1700000000000,"ports":16,
"disk":{"device":"/dev/vda","fs":"ext4"},"network":null,"later":true}`

func file(t *testing.T, text string) string {
	name := filepath.Join(t.TempDir(), "vm.json")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestTheConfigurationIsReadAndRemoved(t *testing.T) {
	name := file(t, strings.Replace(good, "KEY", strings.Repeat("ab", 32), 1))
	v, err := ReadVM(name)
	if err != nil || v.Disk == nil || v.Disk.Device != "/dev/vda" || v.Network != nil || v.Ports != 16 {
		t.Fatal(v, err)
	}
	if _, err := os.Stat(name); !os.IsNotExist(err) {
		t.Fatal("the key is still there")
	}
}

func TestABadConfigurationIsRefusedWithItsName(t *testing.T) {
	for what, text := range map[string]string{
		"a short key":    strings.Replace(good, "KEY", "abcd", 1),
		"no ports":       `{"schema":1,"ports":0}`,
		"a newer schema": `{"schema":2}`,
		"no JSON":        `{"schema":`,
		"an empty file":  ``,
	} {
		name := file(t, text)
		if _, err := ReadVM(name); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := ReadVM("/no/such/vm.json"); err == nil {
		t.Error("a missing file was taken")
	}
}

func TestAnImagesServicesAreRead(t *testing.T) {
	v, err := ReadImage(file(t, `{"schema":1,"entrypoint":{"kind":"services","services":["redis"],"stopTimeout":3},"shell":null,
"services":{"redis":{"command":["/bin/redis-server"],"restart":"always","workingDirectory":null,"preStart":null,"port":null,
"ready":{"command":null,"port":6379,"file":null,"timeout":60},"stopSignal":"INT","log":{"maxBytes":4096},"preset":"redis",
"init":null,"directories":[{"path":"/var/lib/redis","mode":"0700"}]}},"healthChecks":{"web":{"port":80,"interval":30}}}`))
	if err != nil {
		t.Fatal(err)
	}
	s := v.Services["redis"]
	if s.Ready == nil || s.Ready.Port != 6379 || s.Signal != "INT" || s.Stop.Timeout != nil || s.Log.MaxBytes != 4096 || s.Init != nil ||
		len(s.Directories) != 1 || *v.Entrypoint.Timeout != 3 || v.HealthChecks["web"].Port != 80 || v.Shell != nil {
		t.Fatalf("%+v", v)
	}
}

func TestATemplateIsReadWhereThereIsOne(t *testing.T) {
	if none, err := ReadTemplate("/no/such/template.json"); none != nil || err != nil {
		t.Fatal(none, err)
	}
	v, err := ReadTemplate(file(t, `{"schema":1,"ports":8,"rootfs":{"device":"/dev/vda","fs":"erofs","verity":null},"placeholder":"/dev/vdb"}`))
	if err != nil || v.Ports != 8 || v.Placeholder != "/dev/vdb" || !v.Rootfs.Equal(&Rootfs{Device: "/dev/vda", FS: "erofs"}) {
		t.Fatalf("%+v, %v", v, err)
	}
	for _, other := range []*Rootfs{nil, {Device: "/dev/vdb", FS: "erofs"}, {Device: "/dev/vda", FS: "erofs", Verity: &Verity{}}} {
		if v.Rootfs.Equal(other) {
			t.Errorf("a root is taken for another: %+v", other)
		}
	}
	if _, err := ReadTemplate(file(t, `{"schema":1,"ports":0}`)); err == nil {
		t.Error("a template without ports was taken")
	}
}

func TestAConfigurationFromAChannelIsCheckedAsOneOfTheInitrd(t *testing.T) {
	v, err := ParseVM([]byte(strings.Replace(good, "KEY", strings.Repeat("ab", 32), 1)))
	if err != nil || v.Name != "demo" {
		t.Fatal(v, err)
	}
	for _, text := range []string{"", "{}", `{"schema":2}`, `{"schema":1,"ports":0}`, strings.Replace(good, "KEY", "ab", 1)} {
		if _, err := ParseVM([]byte(text)); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
