package r4map

import (
	"hash/maphash"
	"math/bits"
	"strings"

	"ribble/internal/record"
)

// addresses find the received items by what a reference says. Nearly every entry is sent with a full address that ends in its own type and
// id: the key finds those too, and the address itself need not be kept.
type addresses struct {
	// slots hold the place of an item, plus one, near where its key leads; nought is none. used is how many do.
	slots []int32
	used  int
	// whole are full addresses that do not end in the key of their item, and those whose key is that of another item as well.
	whole map[string]int
}

// seed is drawn anew by each process, so that no source can choose ids that all lead to one slot.
var seed = maphash.MakeSeed()

// slot is where the key stands, or the empty slot where it belongs.
func (s *Set) slot(key record.ItemKey) *int32 {
	mask := uint64(len(s.at.slots) - 1)
	const half = 32
	for i := maphash.String(seed, key.ID) ^ bits.RotateLeft64(maphash.String(seed, key.Type), half); ; i++ {
		slot := &s.at.slots[i&mask]
		if *slot == 0 || s.items[*slot-1].key == key {
			return slot
		}
	}
}

// byKey gives the first item with the key, or -1.
func (s *Set) byKey(key record.ItemKey) int {
	if s.at.used == 0 {
		return -1
	}
	return int(*s.slot(key)) - 1
}

// enter makes the item findable by its key, which no other has.
func (s *Set) enter(at int) {
	if old := s.at.slots; 2*(s.at.used+1) > len(old) {
		const least = 64
		s.at.slots = make([]int32, max(least, 2*len(old)))
		for _, place := range old {
			if place != 0 {
				*s.slot(s.items[place-1].key) = place
			}
		}
	}
	*s.slot(s.items[at].key) = int32(at + 1)
	s.at.used++
}

// byAddress gives the first item that was sent with the full address, or -1.
func (s *Set) byAddress(text string) int {
	if at, ok := s.at.whole[text]; ok {
		return at
	}
	id := strings.LastIndexByte(text, '/')
	if id < 1 {
		return -1
	}
	resourceType := strings.LastIndexByte(text[:id], '/')
	if resourceType < 1 {
		return -1
	}
	at := s.byKey(record.ItemKey{Type: text[resourceType+1 : id], ID: text[id+1:]})
	if at < 0 || s.items[at].base != text[:resourceType] {
		return -1
	}
	return at
}

// addressed makes the item findable by its full address, unless one that came before it has the same.
func (s *Set) addressed(at int, address string) {
	if s.byAddress(address) >= 0 {
		return
	}
	if s.at.whole == nil {
		s.at.whole = map[string]int{}
	}
	s.at.whole[address] = at
}
