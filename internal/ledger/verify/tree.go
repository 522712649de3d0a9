package verify

import (
	"crypto/sha256"
	"math/bits"
)

type hash = [sha256.Size]byte

// hashLeaf is the hash of a leaf (RFC 6962, 2.1): of a nought and the row. The payload has room for the nought before the row.
func hashLeaf(payload []byte) hash {
	payload[0] = 0
	return sha256.Sum256(payload)
}

func hashNode(left, right hash) hash {
	var b [1 + 2*sha256.Size]byte
	b[0] = 1
	copy(b[1:], left[:])
	copy(b[1+sha256.Size:], right[:])
	return sha256.Sum256(b[:])
}

// frontier is a tree by the roots of its full subtrees, largest first: one for each bit of its size.
type frontier struct {
	size int64
	full []hash
}

// push adds a leaf: two subtrees of one size become one.
func (f *frontier) push(h hash) {
	for s := f.size; s&1 == 1; s >>= 1 {
		h = hashNode(f.full[len(f.full)-1], h)
		f.full = f.full[:len(f.full)-1]
	}
	f.full = append(f.full, h)
	f.size++
}

// root is the hash of the whole (RFC 6962, 2.1).
func (f *frontier) root() hash {
	if len(f.full) == 0 {
		return sha256.Sum256(nil)
	}
	h := f.full[len(f.full)-1]
	for i := len(f.full) - 2; i >= 0; i-- {
		h = hashNode(f.full[i], h)
	}
	return h
}

// consistent checks a proof that a tree of m leaves is the beginning of one of n leaves (RFC 9162, 2.1.4.2).
func consistent(proof []hash, m int64, first hash, n int64, second hash) bool {
	if m <= 0 || m >= n {
		return m == n && len(proof) == 0 && first == second
	}
	if m&(m-1) == 0 {
		proof = append([]hash{first}, proof...)
	}
	if len(proof) == 0 {
		return false
	}
	fn, sn := uint64(m-1), uint64(n-1)
	shift := bits.TrailingZeros64(^fn)
	fn, sn = fn>>shift, sn>>shift
	fr, sr := proof[0], proof[0]
	for _, c := range proof[1:] {
		if sn == 0 {
			return false
		}
		if fn&1 == 1 || fn == sn {
			fr, sr = hashNode(c, fr), hashNode(c, sr)
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
		} else {
			sr = hashNode(sr, c)
		}
		fn, sn = fn>>1, sn>>1
	}
	return sn == 0 && fr == first && sr == second
}
