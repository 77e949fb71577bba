package supervise

import (
	"sort"
	"strings"

	"mvm/guest/internal/config"
)

// order sorts names so that each comes behind those it is to start after, and by name where nothing else
// decides. Names in a circle have no place: they come last, and circles has for each the circle as a text.
func order(services map[string]config.Service) (names []string, circles map[string]string) {
	sorted := make([]string, 0, len(services))
	for name := range services {
		sorted = append(sorted, name)
	}
	sort.Strings(sorted)
	const (
		unseen = iota
		open
		done
	)
	state := map[string]int{}
	circles = map[string]string{}
	var path []string
	var visit func(name string)
	visit = func(name string) {
		state[name] = open
		path = append(path, name)
		after := append([]string(nil), services[name].After...)
		sort.Strings(after)
		for _, other := range after {
			if _, known := services[other]; !known {
				continue
			}
			switch state[other] {
			case unseen:
				visit(other)
			case open:
				markCircle(circles, path, other)
			}
		}
		path = path[:len(path)-1]
		state[name] = done
		names = append(names, name)
	}
	for _, name := range sorted {
		if state[name] == unseen {
			visit(name)
		}
	}
	sort.SliceStable(names, func(i, j int) bool { return circles[names[i]] == "" && circles[names[j]] != "" })
	return names, circles
}

// markCircle notes the circle that ends the path.
func markCircle(circles map[string]string, path []string, to string) {
	from := 0
	for path[from] != to {
		from++
	}
	circle := path[from:]
	text := strings.Join(circle, " → ") + " → " + to
	for _, name := range circle {
		if circles[name] == "" {
			circles[name] = text
		}
	}
}
