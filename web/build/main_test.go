package main

import "testing"

func TestCleanCSS(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"font face", `a{b:c}@font-face{font-family:Frutiger W01;src:url(https://x/f.woff2)}d{e:f}`, `a{b:c}d{e:f}`},
		{"font family", `p{font-family:Frutiger W01,arial,sans-serif}q{font-family:"Frutiger W01", arial}`, `p{font-family:arial,sans-serif}q{font-family:arial}`},
		{"image", `p{background:url(/assets/images/nhsuk-icon-cross.svg)}`, `p{background:url(nhsuk-icon-cross.svg)}`},
		{"map", "p{}\n/*# sourceMappingURL=x.css.map */", "p{}\n"},
	} {
		if got := string(cleanCSS([]byte(tt.in))); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestBuildWithoutInstallSaysWhatToDo(t *testing.T) {
	if err := build(t.TempDir()); err == nil {
		t.Fatal("built without the npm package")
	}
}
