package supervise

import (
	"sync"
	"time"
)

// Stop stops everything for good: first the entrypoint, then the services, each after those that were
// started after it. It returns when nothing of them runs any more.
func (s *Supervisor) Stop() {
	s.mu.Lock()
	s.closing = true
	var entrypoint <-chan struct{}
	if s.entrypoint != nil {
		entrypoint = s.entrypoint.stop()
	}
	s.mu.Unlock()
	if entrypoint != nil {
		<-entrypoint
	}
	over := map[*unit]chan struct{}{}
	for _, u := range s.units {
		over[u] = make(chan struct{})
	}
	var all sync.WaitGroup
	for _, u := range s.units {
		all.Add(1)
		go func() {
			defer all.Done()
			defer close(over[u])
			for _, dependent := range s.dependents(u) {
				<-over[dependent]
			}
			s.mu.Lock()
			stopped := u.stop()
			s.mu.Unlock()
			<-stopped
		}()
	}
	all.Wait()
}

// dependents are those that start after u. Of a circle nothing runs.
func (s *Supervisor) dependents(u *unit) []*unit {
	var list []*unit
	for _, other := range s.units {
		if other.broken != "" {
			continue
		}
		for _, a := range other.after {
			if a == u {
				list = append(list, other)
			}
		}
	}
	return list
}

// StopTime is how long Stop may take.
func (s *Supervisor) StopTime() time.Duration {
	longest := map[*unit]time.Duration{}
	total := time.Duration(0)
	// In the order of their start, each with all that it starts after.
	for _, u := range s.units {
		for _, a := range u.after {
			longest[u] = max(longest[u], longest[a])
		}
		longest[u] += u.timeout + 2*killWait
		total = max(total, longest[u])
	}
	if s.entrypoint != nil {
		total += s.entrypoint.timeout + 2*killWait
	}
	return total
}

// StartService starts a service that does not run; false where there is none of that name.
func (s *Supervisor) StartService(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.byName[name]
	if u != nil {
		u.begin()
	}
	return u != nil
}

// HasReadiness reports whether something says when a service is ready.
func (s *Supervisor) HasReadiness(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.byName[name]
	return u != nil && u.spec.Ready != nil
}

// StopService stops a service until a host starts it. The channel is closed when it has stopped; nil where
// there is none of that name.
func (s *Supervisor) StopService(name string) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.byName[name]
	if u == nil {
		return nil
	}
	u.byHost = true
	return u.stop()
}
