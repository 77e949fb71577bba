package supervise

import (
	"strings"
	"testing"
	"time"

	"mvm/guest/internal/config"
)

func after(names ...string) config.Service { return config.Service{After: names} }

func TestServicesComeBehindThoseTheyStartAfter(t *testing.T) {
	names, circles := order(map[string]config.Service{
		"a": after("d", "b"), "b": after("c"), "c": after(), "d": after("c", "nosuch"), "e": after(),
	})
	if got := strings.Join(names, " "); got != "c b d a e" || len(circles) != 0 {
		t.Fatal(got, circles)
	}
}

func TestACircleIsNamedAndOnlyItsMembers(t *testing.T) {
	names, circles := order(map[string]config.Service{
		"a": after("b"), "b": after("c"), "c": after("a"), "d": after("a"), "self": after("self"), "free": after(),
	})
	if circles["a"] != "a → b → c → a" || circles["c"] != circles["a"] || circles["self"] != "self → self" || len(circles) != 4 {
		t.Fatal(circles)
	}
	if len(names) != 6 || names[0] != "d" || names[1] != "free" {
		t.Fatal(names)
	}
}

func TestPausesGrowToABoundAndBeginAnewAfterAQuietTime(t *testing.T) {
	var b backoff
	var got []string
	for range 11 {
		got = append(got, b.after(time.Millisecond).String())
	}
	if s := strings.Join(got, " "); s != "100ms 200ms 400ms 800ms 1.6s 3.2s 6.4s 12.8s 25.6s 30s 30s" {
		t.Fatal(s)
	}
	if d := b.after(quiet); d != firstPause {
		t.Fatal(d)
	}
}
