package middleware

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// ClientAddress finds the address of a user behind our own proxies, for the audit trail and for limits: the last one in X-Forwarded-For that is
// not a proxy's. The header is believed only as far as our proxies wrote it; whatever a client put into it stands before that.
func ClientAddress(proxies []netip.Prefix) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil && ours(proxies, peer.Addr()) {
				if client, ok := forwarded(r.Header.Values("X-Forwarded-For"), proxies); ok {
					r.RemoteAddr = netip.AddrPortFrom(client, 0).String()
				}
			}
			next.ServeHTTP(w, r)
		})
	}
}

func ours(proxies []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) })
}

func forwarded(headers []string, proxies []netip.Prefix) (netip.Addr, bool) {
	hops := strings.Split(strings.Join(headers, ","), ",")
	for _, hop := range slices.Backward(hops) {
		a, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return netip.Addr{}, false
		}
		if !ours(proxies, a) {
			return a.Unmap().WithZone(""), true
		}
	}
	return netip.Addr{}, false
}
