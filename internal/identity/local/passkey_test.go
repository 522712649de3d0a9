package local_test

import (
	"net/url"
	"testing"

	"ribble/internal/identity/local"
)

// nobodysAnswer is well formed, and names a user that does not exist.
const nobodysAnswer = `{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{"clientDataJSON":"eyJ0eXBlIjoid2ViYXV0aG4uZ2V0IiwiY2hhbGxlbmdlIjoiQUFBQSIsIm9yaWdpbiI6Imh0dHA6Ly9sb2NhbGhvc3Q6ODA4MCJ9",` +
	`"authenticatorData":"SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MFAAAAAA","signature":"AAAA","userHandle":"AAAAAAAAAAAAAAAAAAAAAA"}}`

func (h *house) withPasskeys() *local.Accounts {
	h.t.Helper()
	k, err := local.NewPasskeys(&url.URL{Scheme: "http", Host: "localhost:8080"})
	h.must(err)
	h.replicas[0].Passkeys = k
	return h.replicas[0]
}

// TestPasskeyHosts: passkeys are bound to the public address's name; WebAuthn knows no bare addresses.
func TestPasskeyHosts(t *testing.T) {
	for public, want := range map[string]string{
		"https://ribble.example.nhs.uk": "ribble.example.nhs.uk", "https://ribble.example.nhs.uk:8443": "ribble.example.nhs.uk",
		"http://127.0.0.1:8080": "localhost", "http://[::1]:8080": "localhost", "http://localhost:8080": "localhost", "https://10.1.2.3": "",
	} {
		u, err := url.Parse(public)
		if err != nil {
			t.Fatal(err)
		}
		k, err := local.NewPasskeys(u)
		switch {
		case err != nil:
			t.Errorf("%s: %v", public, err)
		case k == nil && want != "" || k != nil && k.Host != want:
			t.Errorf("%s: %+v, want %q", public, k, want)
		}
	}
}
