package system

import (
	"testing"
	"time"
)

func TestAClockIsSetWhereItIsCertainlyWrong(t *testing.T) {
	at := func(ms int) time.Time { return time.UnixMilli(1700000000000 + int64(ms)) }
	for name, c := range map[string]struct {
		host, after, before, want int
	}{
		"right":                                {1, 0, 2, 0},
		"off by less than the slack":           {15, 0, 2, 0},
		"half a second behind":                 {501, 0, 2, 500},
		"hours behind":                         {7_200_001, 0, 2, 7_200_000},
		"ahead":                                {-399, 0, 2, -400},
		"a slow answer that may be right":      {290, 0, 600, 0},
		"a slow answer that is certainly late": {1000, 0, 600, 700},
	} {
		t.Run(name, func(t *testing.T) {
			got := clockStep(at(c.host), at(c.after), at(c.before))
			if got != time.Duration(c.want)*time.Millisecond {
				t.Errorf("the step is %v, want %d ms", got, c.want)
			}
		})
	}
}
