package sds

import (
	"sync"
	"time"
)

const (
	// remembered is for how long an endpoint is taken from memory: the directory changes by the day.
	remembered = 10 * time.Minute
	// most bounds what is remembered; England has some 6,500 practices.
	most = 16_384
)

// cache remembers endpoints for a short time.
type cache struct {
	now func() time.Time
	mu  sync.Mutex
	m   map[string]entry
}

type entry struct {
	endpoint Endpoint
	until    time.Time
}

func newCache(now func() time.Time) *cache { return &cache{now: now, m: map[string]entry{}} }

func (c *cache) get(key string) (Endpoint, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.m[key]
	return e.endpoint, ok && c.now().Before(e.until)
}

func (c *cache) put(key string, e Endpoint) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.m) >= most {
		c.makeRoom()
	}
	c.m[key] = entry{e, c.now().Add(remembered)}
}

// makeRoom forgets what is old, or everything when nothing is: a full memory is refilled by a few hundred quick questions.
func (c *cache) makeRoom() {
	now := c.now()
	for key, e := range c.m {
		if !now.Before(e.until) {
			delete(c.m, key)
		}
	}
	if len(c.m) >= most {
		clear(c.m)
	}
}
